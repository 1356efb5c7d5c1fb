import { PreviewError, type Preview, type PreviewFormat } from './types';

const FORMATS: Readonly<Record<string, PreviewFormat>> = {
  csv: 'delimited',
  tsv: 'delimited',
  tab: 'delimited',
  psv: 'delimited',
  xlsx: 'excel',
  xlsm: 'excel',
  parquet: 'parquet',
  pq: 'parquet',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
};

/** The format that a file's name says it has; null for one that has no preview. */
export function formatOf(name: string): PreviewFormat | null {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return Object.hasOwn(FORMATS, extension) ? (FORMATS[extension] ?? null) : null;
}

/** Read the first rows, of a workbook those of one sheet. Each reader is loaded with the first file of its kind. Throws PreviewError. */
export async function read(file: Blob, format: PreviewFormat, sheet = 0): Promise<Preview> {
  try {
    switch (format) {
      case 'delimited':
        return await (await import('./text')).delimited(file);
      case 'jsonl':
        return await (await import('./text')).jsonLines(file);
      case 'excel':
        return await (await import('./excel')).excel(file, sheet);
      case 'parquet':
        return await (await import('./parquet')).parquet(file);
    }
  } catch (error) {
    // Whatever a reader stumbled over, the file is not what its name says.
    throw error instanceof PreviewError ? error : new PreviewError('unreadable');
  }
}
