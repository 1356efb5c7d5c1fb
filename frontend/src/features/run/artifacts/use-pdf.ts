import { useEffect, useState, type RefObject } from 'react';

import { Pdf, PdfError, type PdfFailure, type PdfPage } from '@/lib/pdf';

type Waited<T> = { state: 'waits' } | { state: 'here'; value: T } | { state: 'failed'; reason: PdfFailure };
const WAITS = { state: 'waits' } as const;

/** The document in a file, as long as it is looked at; and how to try again. */
export function useDocument(file: Blob): [Waited<Pdf>, () => void] {
  const [now, setNow] = useState<Waited<Pdf>>(WAITS);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let wanted = true;
    const opened = Pdf.open(file);
    opened.then(
      (pdf) => wanted && setNow({ state: 'here', value: pdf }),
      (error: unknown) => wanted && setNow(failed(error)),
    );
    return () => {
      wanted = false;
      opened.then(
        (pdf) => pdf.close(),
        () => undefined,
      );
    };
  }, [file, turn]);
  const retry = () => {
    setNow(WAITS);
    setTurn(turn + 1);
  };
  return [now, retry];
}

/** One page of it. */
export function usePage(pdf: Pdf, number: number): Waited<PdfPage> {
  const [now, setNow] = useState<{ number: number; page: Waited<PdfPage> } | null>(null);
  useEffect(() => {
    let wanted = true;
    pdf.page(number).then(
      (page) => wanted && setNow({ number, page: { state: 'here', value: page } }),
      (error: unknown) => wanted && setNow({ number, page: failed(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [pdf, number]);
  return now?.number === number ? now.page : WAITS;
}

/** Draws a page on a canvas whenever its scale has come to rest, and tells how it went. */
export function useDrawn(canvas: RefObject<HTMLCanvasElement | null>, page: PdfPage, scale: number) {
  const [drawn, setDrawn] = useState<{ page: PdfPage; failed: PdfFailure | null } | null>(null);
  useEffect(() => {
    const ended = new AbortController();
    const timer = setTimeout(() => void draw(), drawn?.page === page ? REST_MS : 0);
    const draw = async () => {
      // On a canvas of its own, so that what was there is seen until the new drawing is whole.
      const sheet = document.createElement('canvas');
      try {
        await page.draw(sheet, scale, ended.signal);
        if (ended.signal.aborted || !canvas.current) return;
        copy(sheet, canvas.current);
        setDrawn({ page, failed: null });
      } catch (error) {
        if (!ended.signal.aborted) setDrawn({ page, failed: error instanceof PdfError ? error.reason : 'unreadable' });
      }
    };
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
    // Whether it was drawn before only decides how long to wait.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [canvas, page, scale]);
  return drawn?.page === page ? drawn : null;
}

/** What the page says; null until it is known. */
export function useText(page: PdfPage): string | null {
  const [now, setNow] = useState<{ page: PdfPage; text: string } | null>(null);
  useEffect(() => {
    let wanted = true;
    page.text().then(
      (text) => wanted && setNow({ page, text }),
      () => wanted && setNow({ page, text: '' }),
    );
    return () => {
      wanted = false;
    };
  }, [page]);
  return now?.page === page ? now.text : null;
}

const REST_MS = 120;

function copy(from: HTMLCanvasElement, to: HTMLCanvasElement): void {
  to.width = from.width;
  to.height = from.height;
  to.getContext('2d')?.drawImage(from, 0, 0);
}

function failed(error: unknown): { state: 'failed'; reason: PdfFailure } {
  return { state: 'failed', reason: error instanceof PdfError ? error.reason : 'unreadable' };
}
