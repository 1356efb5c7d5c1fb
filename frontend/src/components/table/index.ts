export { KeysetTable, stretched, type Column, type KeysetTableProps } from './keyset-table';
