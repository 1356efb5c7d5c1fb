import { clsx } from 'clsx';
import { memo, useLayoutEffect, useRef, useState, type UIEvent } from 'react';

import { CopyButton } from '@/components/copyable';
import { plural } from '@/lib/format';
import { run } from '@/locales';

import type { Style } from './ansi';
import type { Line, Span, TextBuffer } from './buffer';
import classes from './text.module.css';
import { visible } from '@/lib/visible';

const t = run.text;
// Below this all lines are in the document, where the browser's search finds them.
const WHOLE = 400;
const LINE_PX = 20;
const AHEAD = 30;
// A line is cut for the eye; copying gives all of it.
const MOST_CHARACTERS = 4_000;
const AT_END_PX = 24;

interface TextViewProps {
  buffer: TextBuffer;
  /** Changes whenever the text does. */
  version?: number;
  label: string;
  /** More is coming: stay at its end while the reader is there. */
  live?: boolean;
}

/** Printed text of any length: only the lines in sight are in the document, so that it stays smooth while it grows. */
export function TextView({ buffer, version = 0, label, live = false }: TextViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(LINE_PX * 20);
  const count = buffer.count;
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (live && atEnd.current) element.scrollTop = element.scrollHeight;
    if (element.clientHeight) setHeight(element.clientHeight);
  }, [version, count, live]);
  const onScroll = ({ currentTarget }: UIEvent<HTMLDivElement>) => {
    const { scrollTop, scrollHeight, clientHeight } = currentTarget;
    atEnd.current = scrollHeight - scrollTop - clientHeight < AT_END_PX;
    if (count > WHOLE) setTop(scrollTop);
  };
  const [from, to] = count > WHOLE ? windowOf(top, height, count) : [0, count];
  return (
    <div className={classes.frame}>
      {/* A region that scrolls has to be reached by the keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={box} className={classes.box} role="region" aria-label={label} tabIndex={0} onScroll={onScroll}>
        <pre className={classes.lines} style={{ paddingTop: from * LINE_PX, paddingBottom: (count - to) * LINE_PX }}>
          {buffer.lines.slice(from, to).map((line, at) => (
            <TextLine key={from + at} line={line} />
          ))}
        </pre>
      </div>
      <div className={classes.tools}>
        {count > WHOLE ? <span className={classes.count}>{plural(count, t.line, t.lines)}</span> : null}
        {live ? null : <CopyButton text={buffer.text} name={label} />}
      </div>
    </div>
  );
}

const TextLine = memo(function TextLine({ line }: { line: Line }) {
  const length = line.reduce((sum, span) => sum + span.text.length, 0);
  return (
    <div className={classes.line}>
      {cut(line).map(({ text, style }, at) => (
        <span key={at} className={clsx(styleClasses(style))}>
          {visible(text)}
        </span>
      ))}
      {length > MOST_CHARACTERS ? (
        <span className={classes.cut}>{t.lineCut({ n: length - MOST_CHARACTERS })}</span>
      ) : null}
    </div>
  );
});

function cut(line: Line): Line {
  const kept: Span[] = [];
  let left = MOST_CHARACTERS;
  for (const { text, style } of line) {
    if (left <= 0) break;
    kept.push({ text: text.slice(0, left), style });
    left -= text.length;
  }
  return kept;
}

function windowOf(top: number, height: number, count: number): [number, number] {
  const first = Math.max(0, Math.floor(top / LINE_PX) - AHEAD);
  return [Math.min(first, Math.max(0, count - 1)), Math.min(count, Math.ceil((top + height) / LINE_PX) + AHEAD)];
}

function styleClasses(style: Style): (string | undefined | null)[] {
  const { colour, ground, inverse } = style;
  return [
    style.error ? classes.error : null,
    style.bold ? classes.bold : null,
    style.dim ? classes.dim : null,
    style.italic ? classes.italic : null,
    style.underline ? classes.underline : null,
    colour ? classes[colour] : null,
    ground ? classes[`on-${ground}`] : null,
    inverse ? classes.inverse : null,
  ];
}
