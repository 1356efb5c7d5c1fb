import { clsx } from 'clsx';
import type { ReactNode } from 'react';

import type { Tone } from '@/lib/theme';

import classes from './meter.module.css';

interface MeterProps {
  label: string;
  /** What is used, of `max`, in any unit. */
  value: number;
  max: number;
  /** The figures in words, as `1.2 GB of 4 GB`: shown, and what a screen reader says. */
  text: string;
  /** Shares of `max` from which the meter warns, and from which it is about to be too late. */
  warn?: number;
  danger?: number;
  size?: 'sm' | 'md';
  /** Shown in place of `text`, when the figure moves by itself. */
  children?: ReactNode;
}

/** How much of something limited is used: memory, life, a quota. */
export function Meter({ label, value, max, text, warn = 0.75, danger = 0.9, size = 'md', children }: MeterProps) {
  const share = max > 0 ? Math.min(1, Math.max(0, value / max)) : 0;
  const tone: Tone = share >= danger ? 'bad' : share >= warn ? 'wait' : 'info';
  return (
    <div className={clsx(classes.meter, classes[size])} data-tone={tone}>
      <div className={classes.words}>
        <span className={classes.label}>{label}</span>
        <span className={classes.text}>{children ?? text}</span>
      </div>
      <div
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={max}
        aria-valuenow={Math.min(value, max)}
        aria-valuetext={text}
        className={classes.track}
      >
        <div className={classes.bar} style={{ transform: `scaleX(${share})` }} />
      </div>
    </div>
  );
}
