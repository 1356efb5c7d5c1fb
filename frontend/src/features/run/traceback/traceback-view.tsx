import { Button, UnstyledButton } from '@mantine/core';
import { IconChevronRight, IconCornerLeftUp } from '@tabler/icons-react';
import { clsx } from 'clsx';
import { useMemo, useState } from 'react';

import { CopyButton } from '@/components/copyable';
import { run } from '@/locales';

import type { ErrorOutput } from '../live/outputs';
import { visible, visibleName } from '@/lib/visible';
import { parseTraceback, type Frame, type Part } from './parse';
import classes from './traceback.module.css';

const t = run.traceback;

/** Where the code of a frame stands on the page; null when it is not known to be there. */
export type Locate = (frame: Frame) => { number: number; line: number } | null;

interface TracebackViewProps {
  output: ErrorOutput;
  locate: Locate;
  onJump: (number: number, line: number) => void;
  /** Somebody stopped the code: no fault of it. */
  stopped?: boolean;
}

/** A traceback with the frames of the person's own code open, and those of libraries folded between them. */
export function TracebackView({ output, locate, onJump, stopped = false }: TracebackViewProps) {
  const { parts, text } = useMemo(() => parseTraceback(output.traceback, output.ename, output.evalue), [output]);
  const [raw, setRaw] = useState(false);
  const last = parts.at(-1);
  const [name, said] = split(last?.message ?? output.ename);
  return (
    <section className={classes.root} data-tone={stopped ? 'quiet' : 'bad'} aria-label={t.label}>
      <header className={classes.head}>
        <div className={classes.message}>
          <strong className={classes.name}>{visible(name)}</strong>{' '}
          {said ? <span className={classes.said}>{visible(said)}</span> : null}
        </div>
        <div className={classes.tools}>
          <Button variant="subtle" color="gray" size="compact-xs" aria-pressed={raw} onClick={() => setRaw(!raw)}>
            {raw ? t.asFrames : t.asPrinted}
          </Button>
          <CopyButton text={text} name={t.label} />
        </div>
      </header>
      {raw ? (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it
        <pre className={classes.raw} tabIndex={0}>
          {visible(text)}
        </pre>
      ) : (
        parts.map((part, at) => <PartView key={at} part={part} last={part === last} locate={locate} onJump={onJump} />)
      )}
    </section>
  );
}

function PartView({ part, last, locate, onJump }: { part: Part; last: boolean } & Omit<TracebackViewProps, 'output'>) {
  return (
    <div className={classes.part}>
      {part.because ? <p className={classes.because}>{visible(part.because)}</p> : null}
      <ol className={classes.frames}>
        {grouped(part.frames).map((group, at) =>
          group.own ? (
            group.frames.map((frame, inner) => (
              <FrameView key={`${at}-${inner}`} frame={frame} place={locate(frame)} onJump={onJump} />
            ))
          ) : (
            <Folded key={at} frames={group.frames} />
          ),
        )}
      </ol>
      {last ? null : <p className={classes.earlier}>{visible(part.message)}</p>}
    </div>
  );
}

interface FrameViewProps {
  frame: Frame;
  place: { number: number; line: number } | null;
  onJump: (number: number, line: number) => void;
}

function FrameView({ frame, place, onJump }: FrameViewProps) {
  const where = frame.cell !== null ? t.inCell({ cell: place?.number ?? frame.cell }) : visibleName(frame.file ?? '');
  return (
    <li className={classes.frame}>
      <div className={classes.where}>
        {place ? (
          <UnstyledButton className={classes.jump} onClick={() => onJump(place.number, place.line)}>
            {t.at({ where, line: frame.line ?? 0 })}
            <IconCornerLeftUp size={13} aria-hidden />
          </UnstyledButton>
        ) : (
          <span>{t.at({ where, line: frame.line ?? 0 })}</span>
        )}
        {frame.call ? <code className={classes.call}>{visibleName(frame.call).slice(0, 200)}</code> : null}
        {frame.times > 1 ? <span className={classes.times}>{t.times({ n: frame.times })}</span> : null}
      </div>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
      <pre className={classes.source} tabIndex={0}>
        {frame.source.map(({ number, text, at }, index) => (
          <div key={index} className={clsx(classes.line, at && classes.at)}>
            <span className={classes.number}>{number ?? ''}</span>
            {visible(text)}
          </div>
        ))}
      </pre>
    </li>
  );
}

function Folded({ frames }: { frames: readonly Frame[] }) {
  const [open, setOpen] = useState(false);
  const n = frames.reduce((sum, frame) => sum + frame.times, 0);
  return (
    <li>
      <UnstyledButton className={classes.fold} aria-expanded={open} onClick={() => setOpen(!open)}>
        <IconChevronRight size={14} className={clsx(classes.chevron, open && classes.open)} aria-hidden />
        {t.library({ n, where: libraries(frames) })}
      </UnstyledButton>
      {open ? (
        <ol className={classes.frames}>
          {frames.map((frame, at) => (
            <FrameView key={at} frame={frame} place={null} onJump={() => undefined} />
          ))}
        </ol>
      ) : null}
    </li>
  );
}

function grouped(frames: readonly Frame[]): { own: boolean; frames: Frame[] }[] {
  const groups: { own: boolean; frames: Frame[] }[] = [];
  for (const frame of frames) {
    const own = frame.cell !== null;
    const last = groups.at(-1);
    if (last?.own === own) last.frames.push(frame);
    else groups.push({ own, frames: [frame] });
  }
  return groups;
}

/** The packages that the files belong to. */
function libraries(frames: readonly Frame[]): string {
  const names = frames.map(({ file }) => {
    const path = (file ?? '').split('/').filter(Boolean);
    const site = path.findLastIndex((part) => /^(?:site|site-packages|dist-packages|python3[.\d]*)$/.test(part));
    return visibleName(path[site + 1] ?? path[0] ?? '');
  });
  return [...new Set(names)].slice(0, 3).join(', ');
}

function split(message: string): [string, string] {
  const at = message.indexOf(': ');
  if (/^[\w.]+:$/.test(message)) return [message.slice(0, -1), ''];
  return at > 0 && /^[\w.]+$/.test(message.slice(0, at))
    ? [message.slice(0, at), message.slice(at + 2)]
    : [message, ''];
}
