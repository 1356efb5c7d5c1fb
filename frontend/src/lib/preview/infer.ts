import type { ColumnType } from './types';

const INTEGER = /^[+-]?\d{1,18}$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
// Digits that begin with a zero are a code of some kind, such as a postcode.
const CODE = /^[+-]?0\d/;
const BOOLEAN = /^(?:true|false|yes|no)$/i;
const DATE = /^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})$/;
const DATETIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$/;
const DAY_MS = 86_400_000;
// What people and programs write where they have no value.
const NOTHING = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', '-']);

/** The type of a column by its values: text that says what it is, or values that a reader has typed already. */
export function columnType(values: readonly unknown[]): ColumnType {
  const found = new Set<ColumnType>();
  for (const value of values) {
    const type = valueType(value);
    if (type !== 'empty') found.add(type);
  }
  return together(found);
}

function together(found: ReadonlySet<ColumnType>): ColumnType {
  const [first = 'empty'] = found;
  if (found.size <= 1) return first;
  const only = (...types: ColumnType[]) => [...found].every((type) => types.includes(type));
  if (only('integer', 'number')) return 'number';
  if (only('date', 'datetime')) return 'datetime';
  return found.has('text') ? 'text' : 'mixed';
}

function valueType(value: unknown): ColumnType {
  if (typeof value === 'string') return textType(value.trim());
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : Number.isNaN(value) ? 'empty' : 'number';
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value !== 'object' || value === null) return 'empty';
  if (value instanceof Uint8Array) return 'binary';
  if (value instanceof Date) return value.getTime() % DAY_MS === 0 ? 'date' : 'datetime';
  return 'nested';
}

function textType(text: string): ColumnType {
  if (NOTHING.has(text.toLowerCase())) return 'empty';
  if (CODE.test(text) && !text.includes('.')) return 'text';
  if (INTEGER.test(text)) return 'integer';
  if (NUMBER.test(text)) return 'number';
  if (BOOLEAN.test(text)) return 'boolean';
  if (DATE.test(text)) return 'date';
  if (DATETIME.test(text)) return 'datetime';
  return 'text';
}
