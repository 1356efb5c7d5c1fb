import { isRecord } from '../live/outputs';
import { kindOf, MOST_ROWS, type Kind, type TableColumn, type TableData, type Value } from './model';

/** The media type in which the platform sends a DataFrame, a Series or the result of SQL as data. */
export const TABLE = 'application/vnd.bailiwick.table+json';
/** What pandas itself can send (Frictionless "Tabular Data Resource"). */
export const DATA_RESOURCE = 'application/vnd.dataresource+json';

const KINDS: Record<string, Kind> = {
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  date: 'date',
  datetime: 'date',
  duration: 'text',
};

interface Field {
  name: string;
  type: string;
}

/**
 * `{columns: [{name, type}], rows: [[…]], total_rows, total_columns}`: the index comes first and is not among the total
 * columns. Null for what is none.
 */
export function tableOfPlatform(value: unknown): TableData | null {
  if (!isRecord(value) || !Array.isArray(value.columns) || !Array.isArray(value.rows)) return null;
  const fields = fieldsOf(value.columns);
  const totalColumns = numberOr(value.total_columns, fields.length);
  const indexes = Math.max(0, fields.length - totalColumns);
  const rows = rowsOf(value.rows, fields);
  const columns = fields.map(({ name, type }, at) => column(nameOf(name, at < indexes), type, at < indexes, rows, at));
  return { columns, rows, totalRows: numberOr(value.total_rows, value.rows.length), totalColumns };
}

/** A tabular data resource: rows as objects, or as lists in the order of the fields. Null for what is none. */
export function tableOfResource(value: unknown): TableData | null {
  if (!isRecord(value) || !isRecord(value.schema) || !Array.isArray(value.schema.fields)) return null;
  if (!Array.isArray(value.data)) return null;
  const fields = fieldsOf(value.schema.fields);
  const key = value.schema.primaryKey;
  const keys = new Set((Array.isArray(key) ? key : [key]).filter((one) => typeof one === 'string'));
  const rows = rowsOf(value.data, fields);
  const columns = fields.map(({ name, type }, at) =>
    column(nameOf(name, keys.has(name)), type, keys.has(name), rows, at),
  );
  const totalRows = numberOr(value.total_rows, value.data.length);
  return { columns, rows, totalRows, totalColumns: columns.length - keys.size };
}

function fieldsOf(values: readonly unknown[]): Field[] {
  return values.filter(isRecord).map(({ name, type }) => ({ name: text(name), type: text(type) }));
}

function rowsOf(values: readonly unknown[], fields: readonly Field[]): Value[][] {
  return values.slice(0, MOST_ROWS).map((row) => rowOf(row, fields));
}

function rowOf(row: unknown, fields: readonly Field[]): Value[] {
  if (Array.isArray(row)) return fields.map(({ type }, at) => valueOf(row[at], type));
  // `Object.hasOwn`: a column may be called `constructor`.
  return fields.map(({ name, type }) => (isRecord(row) && Object.hasOwn(row, name) ? valueOf(row[name], type) : null));
}

function column(name: string, type: string, index: boolean, rows: readonly Value[][], at: number): TableColumn {
  return { name, index, kind: KINDS[type] ?? kindOf(rows.slice(0, 1_000).map((row) => row[at])) };
}

/** An index without a name is called `index`, or nothing at all on its lower levels. */
function nameOf(name: string, index: boolean): string {
  if (!index) return name;
  return name === 'index' ? '' : name.replace(/(?: \/ )+$/, '');
}

function valueOf(value: unknown, type: string): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return type === 'datetime' ? moment(value) : type === 'duration' ? span(value) : value;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value);
}

/** An ISO moment as people write it; it still sorts as it is written. */
function moment(iso: string): string {
  return iso.replace('T', ' ').replace(/\.0+(?=$|Z|[+-])/, '');
}

/** `P1DT2H0M0S` as pandas writes it. */
function span(iso: string): string {
  const found = /^(-?)P(\d+)DT(\d+)H(\d+)M([\d.]+)S$/.exec(iso);
  if (!found) return iso;
  const [, sign, days, hours = '', minutes = '', seconds = ''] = found;
  return `${sign}${days} days ${hours.padStart(2, '0')}:${minutes.padStart(2, '0')}:${seconds.padStart(2, '0')}`;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
