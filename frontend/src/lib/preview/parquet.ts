import { decompress as zstd } from 'fzstd';
import { gunzipSync } from 'fflate';
import { parquetMetadataAsync, parquetRead, parquetSchema, type AsyncBuffer, type Compressors } from 'hyparquet';

import { fromColumns } from './table';
import { MOST_COLUMNS, MOST_ROWS, PreviewError, type Preview } from './types';

// A column's pages are read whole: what a file claims beyond this is not worth a preview.
const MOST_BYTES = 64 * 1024 * 1024;

/** The first rows of a Parquet file, with types and the number of rows as its footer says them. */
export async function parquet(file: Blob): Promise<Preview> {
  const buffer: AsyncBuffer = {
    byteLength: file.size,
    slice: (start, end) => file.slice(start, end ?? file.size).arrayBuffer(),
  };
  const metadata = await parquetMetadataAsync(buffer);
  const names = parquetSchema(metadata).children.map((child) => child.element.name);
  const columns = names.slice(0, MOST_COLUMNS);
  const totalRows = Number(metadata.num_rows);
  const [group] = metadata.row_groups;
  if (group && group.total_byte_size > BigInt(MOST_BYTES)) throw new PreviewError('too_large');
  let rows: unknown[][] = [];
  await parquetRead({
    file: buffer,
    metadata,
    columns,
    rowEnd: Math.min(MOST_ROWS, Number(group?.num_rows ?? 0)),
    compressors,
    onComplete: (read) => {
      rows = read;
    },
  });
  const known = { format: 'parquet' as const, totalRows, totalColumns: names.length, more: totalRows > rows.length };
  return fromColumns(columns, rows, known);
}

const compressors: Compressors = {
  GZIP: (input, length) => gunzipSync(input, { out: room(length) }),
  ZSTD: (input, length) => zstd(input, room(length)),
};

function room(length: number): Uint8Array {
  if (length > MOST_BYTES) throw new PreviewError('too_large');
  return new Uint8Array(length);
}
