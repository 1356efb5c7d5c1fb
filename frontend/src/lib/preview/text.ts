import Papa from 'papaparse';

import { fromColumns, fromHeaded } from './table';
import { MOST_ROWS, PreviewError, type Preview } from './types';

// More than the first rows ever need, unless they are no rows.
const MOST_BYTES = 256 * 1024;
// Types are guessed from more rows than are shown.
const ROWS_READ = 4 * MOST_ROWS;

/** The first rows of comma, semicolon, tab or bar separated text. */
export async function delimited(file: Blob): Promise<Preview> {
  const { text, cut } = await beginning(file);
  const { data, meta } = Papa.parse<string[]>(text, { preview: ROWS_READ + 1, skipEmptyLines: 'greedy' });
  // A line that the cut went through is no row.
  const whole = cut && !meta.truncated && data.length > 1 ? data.slice(0, -1) : data;
  return fromHeaded(whole, { format: 'delimited', more: cut || meta.truncated });
}

/** The first records of JSON lines; the columns are the keys in the order in which they appear. */
export async function jsonLines(file: Blob): Promise<Preview> {
  const { text, cut } = await beginning(file);
  const lines = text.split('\n').filter((line) => line.trim());
  if (cut) lines.pop();
  if (!lines.length) throw new PreviewError(cut ? 'too_large' : 'empty');
  const records = lines.slice(0, ROWS_READ).map(record);
  const names = [...new Set(records.flatMap((each) => [...each.keys()]))];
  const body = records.map((each) => names.map((name) => each.get(name)));
  return fromColumns(names, body, { format: 'jsonl', more: cut || lines.length > ROWS_READ });
}

function record(line: string): Map<string, unknown> {
  const value: unknown = JSON.parse(line);
  // A map, as a key may be called `__proto__`.
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map([['value', value]]);
  return new Map(Object.entries(value));
}

async function beginning(file: Blob): Promise<{ text: string; cut: boolean }> {
  const bytes = new Uint8Array(await file.slice(0, MOST_BYTES).arrayBuffer());
  if (!bytes.length) throw new PreviewError('empty');
  const cut = file.size > bytes.length;
  const text = decoded(bytes, cut);
  if (text.includes('\0')) throw new PreviewError('unreadable');
  return { text, cut };
}

function decoded(bytes: Uint8Array, cut: boolean): string {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    // `stream` forgives a character that the cut went through.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
