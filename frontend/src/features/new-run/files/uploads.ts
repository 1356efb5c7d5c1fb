import type { DetailedError, Upload as TusUpload } from 'tus-js-client';

import {
  answer,
  api,
  asProblem,
  changeHeaders,
  problemOf,
  UNREACHABLE,
  unreachable,
  type File as StoredFile,
  ProblemError,
} from '@/lib/api';
import { connection } from '@/lib/connection';
import { randomId } from '@/lib/ids';
import { createStore } from '@/lib/store';
import { newRun } from '@/locales';

import { matches } from './digest';

/** `waiting` for its turn, `checking` whether what arrived is what was sent. What is done is in the list no more. */
export type UploadState = 'waiting' | 'sending' | 'paused' | 'checking' | 'failed';

export interface Upload {
  key: string;
  project: string;
  file: File;
  state: UploadState;
  /** Bytes that the platform has. */
  sent: number;
  /** Bytes a second, lately. */
  rate: number;
  error: ProblemError | null;
}

const ENDPOINT = '/api/v1/uploads';
const AT_ONCE = 2;
// A piece that is lost with its connection is sent again; pausing waits for none.
const CHUNK_BYTES = 8 * 1024 * 1024;
const RETRY_DELAYS = [0, 1_000, 3_000, 8_000];
const RATE_WINDOW_MS = 3_000;

interface Running {
  tus: TusUpload;
  marks: { at: number; sent: number }[];
}

/** Files on their way to the platform. They go on while the person looks at other pages of the console. */
export class Uploads {
  readonly list = createStore<readonly Upload[]>([]);
  /** Called with each file that has arrived whole. */
  onStored: (file: StoredFile, upload: Upload) => void = () => undefined;
  private readonly running = new Map<string, Running>();

  constructor() {
    // What failed because nobody answered goes on when somebody does.
    connection.subscribe(() => {
      if (connection.get() !== 'online') return;
      for (const upload of this.list.get()) {
        if (upload.state === 'failed' && upload.error?.code === UNREACHABLE) this.resume(upload.key);
      }
    });
  }

  add(files: readonly File[], project: string): void {
    const fresh = files.map((file): Upload => ({
      key: randomId(),
      project,
      file,
      state: 'waiting',
      sent: 0,
      rate: 0,
      error: null,
    }));
    this.list.set([...this.list.get(), ...fresh]);
    this.fill();
  }

  pause(key: string): void {
    this.change(key, { state: 'paused', rate: 0 });
    void this.running.get(key)?.tus.abort();
    this.running.delete(key);
    this.fill();
  }

  /** Go on after a pause or a failure, from where it was. */
  resume(key: string): void {
    this.change(key, { state: 'waiting', error: null });
    this.fill();
  }

  /** Take a file out; the platform drops what it has of it. */
  remove(key: string): void {
    const running = this.running.get(key);
    this.running.delete(key);
    this.list.set(this.list.get().filter((upload) => upload.key !== key));
    // It would expire by itself.
    running?.tus.abort(true).catch(() => undefined);
    this.fill();
  }

  clear(): void {
    for (const { key } of this.list.get()) this.remove(key);
  }

  private fill(): void {
    const active = this.list.get().filter(({ state }) => state === 'sending' || state === 'checking').length;
    const next = this.list.get().filter(({ state }) => state === 'waiting');
    for (const upload of next.slice(0, Math.max(0, AT_ONCE - active))) void this.start(upload);
  }

  private async start(upload: Upload): Promise<void> {
    const { key, file, project } = upload;
    this.change(key, { state: 'sending' });
    const { Upload: Tus } = await import('tus-js-client');
    if (!this.isSending(key)) return;
    const tus = new Tus(file, {
      endpoint: new URL(ENDPOINT, window.location.origin).href,
      metadata: { project, filename: file.name },
      // The same file for another project is another upload.
      fingerprint: () => Promise.resolve(['bailiwick', project, file.name, file.size, file.lastModified].join('-')),
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRY_DELAYS,
      removeFingerprintOnSuccess: true,
      onBeforeRequest: (request) => {
        for (const [name, value] of Object.entries(changeHeaders())) request.setHeader(name, value);
      },
      onShouldRetry: (error) => isPassing(statusOf(error)),
      onProgress: (sent) => this.progress(key, sent),
      onError: (error) => this.fail(key, problemOfUpload(error)),
      onSuccess: () => void this.finish(upload, tus.url ?? ''),
    });
    this.running.set(key, { tus, marks: [] });
    const [previous] = await tus.findPreviousUploads();
    if (!this.isSending(key)) return;
    if (previous) tus.resumeFromPreviousUpload(previous);
    tus.start();
  }

  private isSending(key: string): boolean {
    return this.list.get().some((upload) => upload.key === key && upload.state === 'sending');
  }

  private progress(key: string, sent: number): void {
    const running = this.running.get(key);
    if (!running) return;
    const now = performance.now();
    running.marks = [...running.marks.filter(({ at }) => now - at < RATE_WINDOW_MS), { at: now, sent }];
    const [first] = running.marks;
    const seconds = first ? (now - first.at) / 1000 : 0;
    const rate = first && seconds > 0.2 ? Math.max(0, (sent - first.sent) / seconds) : 0;
    this.change(key, { sent, rate });
  }

  private async finish(upload: Upload, url: string): Promise<void> {
    const { key, file } = upload;
    this.change(key, { state: 'checking', sent: file.size, rate: 0 });
    try {
      const id = url.slice(url.lastIndexOf('/') + 1);
      const { file: stored } = await answer(
        api.GET('/api/v1/uploads/{upload_id}', { params: { path: { upload_id: id } } }),
      );
      if (!stored || !(await matches(file, stored))) throw differs();
      this.running.delete(key);
      this.list.set(this.list.get().filter((other) => other.key !== key));
      this.onStored(stored, upload);
      this.fill();
    } catch (error) {
      this.fail(key, asProblem(error));
    }
  }

  private fail(key: string, error: ProblemError): void {
    this.running.delete(key);
    this.change(key, { state: 'failed', rate: 0, error });
    this.fill();
  }

  private change(key: string, made: Partial<Upload>): void {
    this.list.set(this.list.get().map((upload) => (upload.key === key ? { ...upload, ...made } : upload)));
  }
}

function isPassing(status: number): boolean {
  // 409 and 423: a piece that was cut off is still being put away.
  return status === 0 || status === 409 || status === 423 || status === 429 || status >= 500;
}

function statusOf(error: Error | DetailedError): number {
  return 'originalResponse' in error ? (error.originalResponse?.getStatus() ?? 0) : 0;
}

function problemOfUpload(error: Error | DetailedError): ProblemError {
  const status = statusOf(error);
  if (!('originalResponse' in error)) return asProblem(error);
  const response = error.originalResponse;
  if (!response || !status) return unreachable();
  const retry = response.getHeader('Retry-After');
  return problemOf(
    parsed(response.getBody()),
    new Response(null, { status, headers: retry ? { 'Retry-After': retry } : {} }),
  );
}

/** What arrived is not what was sent. */
function differs(): ProblemError {
  const { title, detail, remedy } = newRun.files.differs;
  const code = 'upload_differs';
  return new ProblemError({
    type: `urn:bailiwick:problem:${code}`,
    title,
    status: 0,
    detail,
    code,
    remedy,
    request_id: '',
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** Those of this console. */
export const uploads = new Uploads();
