import { columnType } from './infer';
import { cellText, MOST_COLUMNS, MOST_ROWS, PreviewError, type Preview } from './types';

type Known = Pick<Preview, 'format' | 'more'> &
  Partial<Pick<Preview, 'totalRows' | 'sheets' | 'sheet' | 'totalColumns'>>;

/** A preview of a table whose first row names the columns; what is too long or too wide is cut. */
export function fromHeaded(rows: readonly (readonly unknown[])[], known: Known): Preview {
  const [header, ...body] = rows;
  if (!header?.length) throw new PreviewError('empty');
  const width = Math.min(MOST_COLUMNS, Math.max(header.length, ...body.slice(0, MOST_ROWS).map((row) => row.length)));
  const names = Array.from({ length: width }, (_, at) => named(cellText(header[at]), at));
  return fromColumns(names, body, { totalColumns: header.length, ...known });
}

/** A preview of a table whose columns are known by name. */
export function fromColumns(names: readonly string[], body: readonly (readonly unknown[])[], known: Known): Preview {
  const shown = names.slice(0, MOST_COLUMNS);
  return {
    totalRows: null,
    totalColumns: names.length,
    sheets: [],
    sheet: 0,
    ...known,
    columns: shown.map((name, at) => ({ name, type: columnType(body.map((row) => row[at])) })),
    rows: body.slice(0, MOST_ROWS).map((row) => shown.map((_, at) => cellText(row[at]))),
    more: known.more || body.length > MOST_ROWS,
  };
}

function named(name: string | null, at: number): string {
  const text = name?.trim() ?? '';
  return text === '' ? `#${at + 1}` : text;
}
