import { useEffect, useEffectEvent } from 'react';

import { useSeconds, useSlowClock } from '@/lib/clock';
import { clock, dateTime, since, until } from '@/lib/format';
import { components as t } from '@/locales';

import classes from './time.module.css';

/** `5 minutes ago`, kept true; the moment in full for who points at it. `future` says `in 5 minutes`. */
export function RelativeTime({ at, future = false }: { at: string; future?: boolean }) {
  const now = useSlowClock();
  return (
    <time dateTime={at} title={dateTime(at)} className={classes.time}>
      {/* The clock's last stroke may be older than the moment itself. */}
      {future ? until(at, now) : since(at, Math.max(now, Date.parse(at)))}
    </time>
  );
}

/** Time left until `until`, in figures that do not move, counted down each second. */
export function Countdown({ until: end, onEnd, words = true }: { until: string; onEnd?: () => void; words?: boolean }) {
  const left = useLeft(end, onEnd);
  const text = clock(left);
  const shown = words ? (left > 0 ? t.timeLeft({ time: text }) : t.timeUp) : text;
  return (
    <time dateTime={end} title={dateTime(end)} className={classes.time} role="timer" aria-live="off">
      {shown}
    </time>
  );
}

/** Time since `from`, counted up; still when `to` is given. */
export function Elapsed({ from, to }: { from: string; to?: string | null }) {
  const now = useSeconds(!to);
  const seconds = ((to ? Date.parse(to) : Math.max(now, Date.parse(from))) - Date.parse(from)) / 1000;
  return (
    <time dateTime={`PT${Math.max(0, Math.round(seconds))}S`} className={classes.time} role="timer" aria-live="off">
      {clock(seconds)}
    </time>
  );
}

/** Seconds left until a moment, never below 0. */
export function useLeft(end: string, onEnd?: () => void): number {
  const at = Date.parse(end);
  const now = useSeconds();
  const left = Math.max(0, (at - now) / 1000);
  const over = left === 0;
  const ended = useEffectEvent(() => onEnd?.());
  useEffect(() => {
    if (over) ended();
  }, [over]);
  return left;
}
