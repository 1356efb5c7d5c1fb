/** What a cell of a table holds: as the platform sent it, never markup. */
export type Value = string | number | boolean | null;
export type Kind = 'number' | 'text' | 'boolean' | 'date';

export interface TableColumn {
  name: string;
  kind: Kind;
  /** Part of the index, which names the row. */
  index: boolean;
}

export interface TableData {
  columns: TableColumn[];
  rows: Value[][];
  /** How many rows there were where the table comes from; null when it does not say. */
  totalRows: number | null;
  totalColumns: number | null;
}

/** More is not taken in: sorting and filtering must stay quick. */
export const MOST_ROWS = 100_000;

export interface Sort {
  column: number;
  descending: boolean;
}

/** The numbers of the rows that hold `words` (in one column, or in any), in the order asked for. */
export function arranged(data: TableData, sort: Sort | null, words: string, within: number | null): Uint32Array {
  const wanted = words.trim().toLowerCase();
  const found = new Uint32Array(data.rows.length);
  let count = 0;
  data.rows.forEach((row, at) => {
    if (!wanted || holds(row, wanted, within)) found[count++] = at;
  });
  const kept = found.subarray(0, count);
  if (!sort) return kept;
  const compare = comparing(data, sort.column);
  const sign = sort.descending ? -1 : 1;
  return kept.sort((a, b) => {
    const missing = Number(isMissing(data.rows[a]?.[sort.column])) - Number(isMissing(data.rows[b]?.[sort.column]));
    // What is missing comes last whichever way; equal rows stay in their order.
    return missing || sign * compare(a, b) || a - b;
  });
}

const PLACES = 6;

/** Digits after the point that the numbers of a column are shown with, so that they stand below one another. */
export function placesOf(data: TableData, column: number): number {
  let most = 0;
  for (const row of data.rows.slice(0, 1_000)) {
    const value = row[column];
    if (typeof value !== 'number' || !isEveryday(value)) continue;
    most = Math.max(most, /\.(\d*[1-9])/.exec(value.toFixed(PLACES))?.[1]?.length ?? 0);
  }
  return most;
}

/** A value as a cell shows it; `shown` has all of it. */
export function seen(value: Value | undefined, places: number): string {
  if (typeof value !== 'number' || Number.isInteger(value)) {
    return typeof value === 'number' && places && isEveryday(value) ? value.toFixed(places) : shown(value);
  }
  return isEveryday(value) ? value.toFixed(places) : value.toPrecision(PLACES);
}

function isEveryday(value: number): boolean {
  const size = Math.abs(value);
  return size < 1e15 && (size === 0 || size >= 1e-4);
}

export function shown(value: Value | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

const MISSING = new Set(['', 'nan', 'none', 'nat', '<na>', 'null']);

export function isMissing(value: Value | undefined): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'string' && MISSING.has(value.toLowerCase());
}

/** The kind that all of a column's values are of; text when they are mixed, or when there is none. */
export function kindOf(values: Iterable<Value | undefined>): Kind {
  let kind: Kind | null = null;
  for (const value of values) {
    if (isMissing(value)) continue;
    const here = kindOfOne(value ?? null);
    if (here === 'text' || (kind && kind !== here)) return 'text';
    kind = here;
  }
  return kind ?? 'text';
}

const NUMBER = /^[+-]?(?:\d[\d,]*(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?%?$|^[+-]?inf$/i;
const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

function kindOfOne(value: Value): Kind {
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean' || value === 'True' || value === 'False') return 'boolean';
  if (typeof value === 'string' && value.length <= 40) {
    if (NUMBER.test(value)) return 'number';
    if (DATE.test(value)) return 'date';
  }
  return 'text';
}

/** A number as pandas prints it; NaN for what is none. */
export function numberOf(value: Value | undefined): number {
  if (typeof value === 'number') return value;
  const text = shown(value).replace(/[,%]/g, '');
  if (/^[+-]?inf$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return text ? Number(text) : NaN;
}

// What a column is sorted by is worked out once: a filter's every letter sorts again.
const keysByColumn = new WeakMap<TableData, Map<number, Float64Array>>();

function comparing(data: TableData, column: number): (a: number, b: number) => number {
  const known = keysByColumn.get(data) ?? new Map<number, Float64Array>();
  keysByColumn.set(data, known);
  const keys = known.get(column) ?? keysOf(data, column);
  known.set(column, keys);
  return (a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || 0;
}

/** Numbers by which the rows of a column are in order. */
function keysOf(data: TableData, column: number): Float64Array {
  const kind = data.columns[column]?.kind;
  if (kind === 'number') return Float64Array.from(data.rows, (row) => numberOf(row[column]));
  // ISO dates sort as they are written.
  const texts = data.rows.map((row) => (kind === 'date' ? shown(row[column]) : sortKey(shown(row[column]))));
  // The engine's own order of strings is quick; a comparison of ours for each pair takes seconds for 100,000 rows.
  const rank = new Map([...new Set(texts)].sort().map((text, at) => [text, at]));
  return Float64Array.from(texts, (text) => rank.get(text) ?? 0);
}

const LONGEST = 40;

/** A text that sorts by its characters as people sort the text: without case and accents, numbers by their size. */
function sortKey(text: string): string {
  const plain = /^[ -~]*$/.test(text) ? text : text.normalize('NFD').replace(/\p{M}/gu, '');
  // A number with more digits is the larger one: their count comes first, as a character.
  return plain.toLowerCase().replace(/0*(\d+)/g, (_, digits: string) => {
    return String.fromCharCode(48 + Math.min(LONGEST, digits.length)) + digits;
  });
}

function holds(row: readonly Value[], wanted: string, within: number | null): boolean {
  if (within !== null) return shown(row[within]).toLowerCase().includes(wanted);
  return row.some((value) => shown(value).toLowerCase().includes(wanted));
}

/** The rows as CSV (RFC 4180), with a first line of names. */
export function csvOf(data: TableData, rows: Iterable<number>): string {
  const lines = [data.columns.map(({ name }) => quoted(name)).join(',')];
  for (const at of rows) lines.push((data.rows[at] ?? []).map((value) => quoted(shown(value))).join(','));
  return lines.join('\r\n') + '\r\n';
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
