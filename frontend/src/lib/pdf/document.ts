import {
  AnnotationMode,
  getDocument,
  PDFWorker,
  RenderingCancelledException,
  VerbosityLevel,
  type PDFDocumentProxy,
  type PDFPageProxy,
} from 'pdfjs-dist';

import { BuiltData, DECODERS } from './data';
import { fineness, type Size } from './fineness';

/** Why a document, or a page of it, is not shown. */
export type PdfFailure = 'locked' | 'unreadable' | 'too_slow';

export class PdfError extends Error {
  override readonly name = 'PdfError';
  readonly reason: PdfFailure;

  constructor(reason: PdfFailure) {
    super(reason);
    this.reason = reason;
  }
}

// What keeps the reader busy for longer was made for that, or is not worth the wait.
const PATIENCE_MS = 15_000;
const LONGEST_END_MS = 1_000;
// Of one picture in the document.
const MOST_IMAGE_PIXELS = 32 * 1024 * 1024;
const MOST_TEXT = 100_000;

const RULES = {
  // Neither XFA, nor code from strings, nor WebAssembly: the content security policy would stop the last two anyway.
  enableXfa: false,
  isEvalSupported: false,
  useWasm: false,
  wasmUrl: DECODERS,
  // The document's fonts are drawn as outlines: the browser's own font code never meets them, nor the system's fonts.
  disableFontFace: true,
  useSystemFonts: false,
  useWorkerFetch: false,
  BinaryDataFactory: BuiltData,
  // Their values are not used: BuiltData goes by name. Without them nothing is asked for.
  cMapUrl: '/assets/',
  standardFontDataUrl: '/assets/',
  maxImageSize: MOST_IMAGE_PIXELS,
  canvasMaxAreaInBytes: 4 * MOST_IMAGE_PIXELS,
  verbosity: VerbosityLevel.ERRORS,
} as const;

/** A document that is open. Closing it ends its worker, whatever it does. */
export class Pdf {
  private readonly worker: Worker;
  private readonly proxy: PDFDocumentProxy;

  private constructor(worker: Worker, proxy: PDFDocumentProxy) {
    this.worker = worker;
    this.proxy = proxy;
  }

  /** Read a document. Throws PdfError. */
  static async open(file: Blob): Promise<Pdf> {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    try {
      const data = new Uint8Array(await file.arrayBuffer());
      const task = getDocument({ ...RULES, data, worker: PDFWorker.create({ port: worker }) });
      const died = new Promise<never>((_, reject) => {
        worker.onerror = () => reject(new PdfError('unreadable'));
      });
      return new Pdf(worker, await within(Promise.race([task.promise, died])));
    } catch (error) {
      worker.terminate();
      throw failureOf(error);
    }
  }

  get pages(): number {
    return this.proxy.numPages;
  }

  /** A page, from 1 on. Throws PdfError. */
  async page(number: number): Promise<PdfPage> {
    try {
      return new PdfPage(await within(this.proxy.getPage(number)));
    } catch (error) {
      throw failureOf(error);
    }
  }

  /** End it: the worker is asked to leave nothing behind, and does not get long for that. */
  close(): void {
    const asked = this.proxy.loadingTask.destroy().catch(() => undefined);
    const late = new Promise((resolve) => setTimeout(resolve, LONGEST_END_MS));
    void Promise.race([asked, late]).finally(() => this.worker.terminate());
  }
}

/** One page: drawn on a canvas and read as plain text. Its links, forms and scripts are not even asked for. */
export class PdfPage {
  readonly size: Size;
  private readonly proxy: PDFPageProxy;

  constructor(proxy: PDFPageProxy) {
    this.proxy = proxy;
    const { width, height } = proxy.getViewport({ scale: PIXELS_PER_POINT });
    this.size = { width, height };
  }

  /** Draw the page, as fine as `scale` and the screen ask for and as a canvas can hold. Throws PdfError. */
  async draw(canvas: HTMLCanvasElement, scale: number, signal: AbortSignal): Promise<void> {
    const fine = fineness(this.size, scale * window.devicePixelRatio);
    const viewport = this.proxy.getViewport({ scale: fine * PIXELS_PER_POINT });
    canvas.width = Math.max(1, Math.floor(viewport.width));
    canvas.height = Math.max(1, Math.floor(viewport.height));
    const task = this.proxy.render({ canvas, viewport, annotationMode: AnnotationMode.ENABLE });
    const stop = () => task.cancel();
    signal.addEventListener('abort', stop);
    try {
      await within(task.promise);
    } catch (error) {
      stop();
      if (error instanceof RenderingCancelledException) throw new DOMException('No longer wanted.', 'AbortError');
      throw failureOf(error);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** What the page says, line by line. Throws PdfError. */
  async text(): Promise<string> {
    try {
      const { items } = await within(this.proxy.getTextContent());
      let text = '';
      for (const item of items) {
        if (!('str' in item)) continue;
        text += item.hasEOL ? `${item.str}\n` : item.str;
        if (text.length > MOST_TEXT) break;
      }
      return text.slice(0, MOST_TEXT);
    } catch (error) {
      throw failureOf(error);
    }
  }
}

// A point is 1/72 of an inch (ISO 32000, 8.3.2.3), a pixel of CSS 1/96.
const PIXELS_PER_POINT = 96 / 72;

async function within<T>(promise: Promise<T>): Promise<T> {
  let timer = 0;
  const late = new Promise<never>((_, reject) => {
    // While nobody looks at the tab the browser draws nothing, and nothing is late.
    const wait = () => {
      timer = window.setTimeout(() => (document.hidden ? wait() : reject(new PdfError('too_slow'))), PATIENCE_MS);
    };
    wait();
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function failureOf(error: unknown): PdfError {
  if (error instanceof PdfError) return error;
  return new PdfError(error instanceof Error && error.name === 'PasswordException' ? 'locked' : 'unreadable');
}
