import { read } from './read';
import { PreviewError, type Preview, type PreviewFailure, type PreviewFormat } from './types';

export interface Question {
  file: Blob;
  format: PreviewFormat;
  sheet: number;
}

export type Reply = { preview: Preview } | { failure: PreviewFailure };

self.onmessage = ({ data: { file, format, sheet } }: MessageEvent<Question>) => {
  const reply = (message: Reply) => self.postMessage(message);
  read(file, format, sheet).then(
    (preview) => reply({ preview }),
    (error: unknown) => reply({ failure: error instanceof PreviewError ? error.reason : 'unreadable' }),
  );
};
