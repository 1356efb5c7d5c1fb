import { isRecord } from '../live/outputs';
import { kindOf, MOST_ROWS, type Kind, type TableData, type Value } from './model';

/** The media type of tabular data with its types (Frictionless "Tabular Data Resource"). */
export const DATA_RESOURCE = 'application/vnd.dataresource+json';

const KINDS: Record<string, Kind> = {
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  date: 'date',
  datetime: 'date',
};

/**
 * A tabular data resource: rows as objects, or as lists in the order of the fields. `total_rows` says how many there
 * were when not all were sent. Null for what is none.
 */
export function tableOfResource(value: unknown): TableData | null {
  if (!isRecord(value) || !isRecord(value.schema) || !Array.isArray(value.schema.fields)) return null;
  if (!Array.isArray(value.data)) return null;
  const fields = value.schema.fields.filter(isRecord).map(({ name, type }) => ({ name: text(name), type: text(type) }));
  const key = value.schema.primaryKey;
  const keys = new Set((Array.isArray(key) ? key : [key]).filter((one) => typeof one === 'string'));
  const rows = value.data.slice(0, MOST_ROWS).map((row) => rowOf(row, fields));
  const columns = fields.map(({ name, type }, at) => ({
    name: name === 'index' && keys.has(name) ? '' : name,
    kind: KINDS[type] ?? kindOf(rows.slice(0, 1_000).map((row) => row[at])),
    index: keys.has(name),
  }));
  const total = typeof value.total_rows === 'number' ? value.total_rows : value.data.length;
  return { columns, rows, totalRows: total, totalColumns: columns.length - keys.size };
}

function rowOf(row: unknown, fields: readonly { name: string }[]): Value[] {
  if (Array.isArray(row)) return fields.map((_, at) => valueOf(row[at]));
  // `Object.hasOwn`: a column may be called `constructor`.
  return fields.map(({ name }) => (isRecord(row) && Object.hasOwn(row, name) ? valueOf(row[name]) : null));
}

function valueOf(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value);
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
