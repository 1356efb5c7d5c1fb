import { formatOf } from './read';
import { PreviewError, type Preview } from './types';
import type { Question, Reply } from './worker';

export { formatOf } from './read';
export { PreviewError, type ColumnType, type Preview, type PreviewColumn, type PreviewFailure } from './types';

// A file that keeps its reader busy for longer was made for that, or is not worth the wait.
const PATIENCE_MS = 8_000;

interface Wish {
  /** Of a workbook: the place of the sheet, from 0. */
  sheet?: number;
  signal?: AbortSignal;
}

/**
 * The first rows of the table in a file, with the types that its columns seem to have. Only the beginning is read (of
 * Parquet the footer too), by a worker that is ended after a while: no file makes the page wait. Throws PreviewError.
 */
export function previewOf(file: Blob, name: string, { sheet = 0, signal }: Wish = {}): Promise<Preview> {
  const format = formatOf(name);
  if (!format) return Promise.reject(new PreviewError('unsupported'));
  if (!file.size) return Promise.reject(new PreviewError('empty'));
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Preview>((resolve, reject) => {
    const timer = setTimeout(() => reject(new PreviewError('too_slow')), PATIENCE_MS);
    const end = () => clearTimeout(timer);
    worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      end();
      if ('preview' in data) resolve(data.preview);
      else reject(new PreviewError(data.failure));
    };
    worker.onerror = () => {
      end();
      reject(new PreviewError('unreadable'));
    };
    signal?.addEventListener('abort', () => {
      end();
      reject(new DOMException('The preview is no longer wanted.', 'AbortError'));
    });
    worker.postMessage({ file, format, sheet } satisfies Question);
  }).finally(() => worker.terminate());
}
