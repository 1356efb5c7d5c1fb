/** What a column seems to hold, by its first rows; `mixed` where they do not agree, `empty` where they say nothing. */
export type ColumnType =
  'integer' | 'number' | 'boolean' | 'date' | 'datetime' | 'text' | 'nested' | 'binary' | 'mixed' | 'empty';

export interface PreviewColumn {
  name: string;
  type: ColumnType;
}

export type PreviewFormat = 'delimited' | 'excel' | 'parquet' | 'jsonl';

/** The first rows of a table in a file, as text. */
export interface Preview {
  format: PreviewFormat;
  columns: PreviewColumn[];
  /** As many cells as columns; null where there is no value. */
  rows: (string | null)[][];
  /** Rows of the whole table where the file says so, else null. */
  totalRows: number | null;
  /** Columns of the whole table; more than `columns` when it is very wide. */
  totalColumns: number;
  /** Whether the file goes on after what is shown. */
  more: boolean;
  /** Names of a workbook's sheets, and the place of the one that is shown. */
  sheets: string[];
  sheet: number;
}

/** Why there are no rows to show; none of them keeps a file from being uploaded. */
export type PreviewFailure = 'unsupported' | 'empty' | 'unreadable' | 'too_large' | 'too_slow';

export class PreviewError extends Error {
  override readonly name = 'PreviewError';
  readonly reason: PreviewFailure;

  constructor(reason: PreviewFailure) {
    super(reason);
    this.reason = reason;
  }
}

export const MOST_ROWS = 50;
export const MOST_COLUMNS = 60;
export const MOST_SHEETS = 250;
// A cell is shown on one line.
const MOST_CHARACTERS = 200;

/** A value of any reader as a cell's text. */
export function cellText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = value instanceof Date ? isoText(value) : typeof value === 'object' ? json(value) : plain(value);
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : String(value);
}

function isoText(value: Date): string {
  if (Number.isNaN(value.getTime())) return '';
  const text = value.toISOString();
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, 19).replace('T', ' ');
}

function json(value: object): string {
  if (value instanceof Uint8Array) return `${value.byteLength} bytes`;
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));
}
