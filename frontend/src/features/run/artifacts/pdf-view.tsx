import { ActionIcon, Skeleton, TextInput, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconFileUnknown, IconLock } from '@tabler/icons-react';
import { useRef, useState } from 'react';

import { Empty, Partial } from '@/components/feedback';
import { count } from '@/lib/format';
import type { Pdf, PdfFailure, PdfPage } from '@/lib/pdf';
import { visible } from '@/lib/visible';
import { run } from '@/locales';

import { Zoom } from '../zoom/zoom';
import classes from './artifacts.module.css';
import { useDocument, useDrawn, usePage, useText } from './use-pdf';

const t = run.pdf;
// How large a page is taken to be until it says so: A4 upright.
const A4 = { width: 794, height: 1123 };

/** A PDF, page by page: drawn on a canvas, with its text for who does not see it. Nothing of it runs or leads away. */
export function PdfView({ file, name }: { file: Blob; name: string }) {
  const [opened, retry] = useDocument(file);
  const [page, setPage] = useState(1);
  if (opened.state === 'waits') return <Skeleton className={classes.shown} aria-busy />;
  if (opened.state === 'failed') return <Failed reason={opened.reason} onRetry={retry} />;
  return <Pages pdf={opened.value} page={page} name={name} onPage={setPage} />;
}

function Failed({ reason, onRetry }: { reason: PdfFailure; onRetry: () => void }) {
  const { title, text } = t.failures[reason];
  if (reason === 'too_slow') {
    return (
      <Partial title={title} onRetry={onRetry}>
        {text}
      </Partial>
    );
  }
  return (
    <Empty icon={reason === 'locked' ? IconLock : IconFileUnknown} title={title} size="part">
      {text}
    </Empty>
  );
}

interface PagesProps {
  pdf: Pdf;
  page: number;
  name: string;
  onPage: (page: number) => void;
}

function Pages({ pdf, page, name, onPage }: PagesProps) {
  const found = usePage(pdf, page);
  const label = t.pageOf({ name, page, pages: pdf.pages });
  const size = found.state === 'here' ? found.value.size : A4;
  return (
    <Zoom
      label={label}
      size={size}
      fit={size.height > size.width ? 'width' : 'both'}
      tools={<Pager page={page} pages={pdf.pages} onPage={onPage} />}
      className={classes.shown}
    >
      {(scale) =>
        found.state === 'here' ? (
          <Sheet page={found.value} scale={scale} label={label} />
        ) : found.state === 'failed' ? (
          <p className={classes.pageFailed}>{t.pageFailed}</p>
        ) : (
          <Skeleton height="100%" radius={0} aria-busy />
        )
      }
    </Zoom>
  );
}

function Sheet({ page, scale, label }: { page: PdfPage; scale: number; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawn = useDrawn(canvas, page, scale);
  const text = useText(page);
  return (
    <>
      <div className={classes.sheet} role="img" aria-label={label} aria-busy={drawn === null}>
        <canvas ref={canvas} className={classes.sheet} />
      </div>
      {drawn?.failed ? <p className={classes.pageFailed}>{t.pageFailed}</p> : null}
      <VisuallyHidden className={classes.said}>{text === '' ? t.saysNothing : visible(text ?? '')}</VisuallyHidden>
    </>
  );
}

function Pager({ page, pages, onPage }: { page: number; pages: number; onPage: (page: number) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  const go = (to: number) => {
    setTyped(null);
    if (Number.isInteger(to)) onPage(Math.min(pages, Math.max(1, to)));
  };
  return (
    <div className={classes.pager}>
      <Tooltip label={t.previous}>
        <ActionIcon variant="default" aria-label={t.previous} disabled={page <= 1} onClick={() => go(page - 1)}>
          <IconChevronLeft size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <TextInput
        size="xs"
        className={classes.pageNumber}
        aria-label={t.page}
        inputMode="numeric"
        value={typed ?? String(page)}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => go(typed === null ? page : Number(typed))}
        onKeyDown={({ key }) => {
          if (key === 'Enter') go(Number(typed ?? page));
        }}
      />
      <span className={classes.pages}>{t.of({ pages: count(pages) })}</span>
      <Tooltip label={t.next}>
        <ActionIcon variant="default" aria-label={t.next} disabled={page >= pages} onClick={() => go(page + 1)}>
          <IconChevronRight size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
