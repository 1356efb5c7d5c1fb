import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { useEffect, useMemo, useRef } from 'react';

import { run } from '@/locales';

import type { Language } from '../states';
import { visible } from '@/lib/visible';
import classes from './code.module.css';

const t = run.editor;

interface CodeProps {
  code: string;
  language: Language;
  label: string;
  /** The line at which the cell failed. */
  failed: number | null;
  /** A line to show, and a number that grows each time it is asked for. */
  pointed: { line: number; turn: number } | null;
}

/** Code that is not edited any more: plain at once, coloured as soon as the grammars are here. */
export function Code({ code, language, label, failed, pointed }: CodeProps) {
  const { data: grammars } = useQuery({
    queryKey: ['grammars'],
    queryFn: () => import('./language'),
    staleTime: Infinity,
    gcTime: Infinity,
    structuralSharing: false,
  });
  const lines = useMemo(
    () => grammars?.coloured(code, language) ?? code.split('\n').map((text) => [{ text, style: '' }]),
    [grammars, code, language],
  );
  const target = useRef<HTMLDivElement>(null);
  const turn = pointed?.turn;
  useEffect(() => {
    if (turn !== undefined) target.current?.scrollIntoView({ block: 'center', behavior: 'smooth' });
  }, [turn]);
  return (
    // It scrolls, so the keyboard must reach it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className={clsx(classes.code, classes.coloured)} aria-label={label} tabIndex={0} role="group">
      {lines.map((line, at) => {
        const number = at + 1;
        const here = pointed?.line === number;
        return (
          <div
            key={here ? `${number}-${pointed.turn}` : number}
            ref={here ? target : undefined}
            aria-current={here ? 'location' : undefined}
            className={clsx(classes.line, failed === number && classes.failed, here && classes.pointed)}
            aria-label={failed === number ? t.failedLine({ line: number }) : undefined}
          >
            <span className={classes.number} aria-hidden>
              {number}
            </span>
            <code className={classes.text}>
              {line.map(({ text, style }, index) => (
                <span key={index} className={style || undefined}>
                  {visible(text)}
                </span>
              ))}
              {line.length ? null : ' '}
            </code>
          </div>
        );
      })}
    </pre>
  );
}
