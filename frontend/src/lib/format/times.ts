const LANGUAGE = 'en';
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Moment = string | number | Date;

const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto', style: 'long' });
const full = new Intl.DateTimeFormat(LANGUAGE, {
  dateStyle: 'medium',
  timeStyle: 'medium',
  hourCycle: 'h23',
});
const dayOnly = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium' });

/** A length of time with its two largest units: `38 ms`, `4.2 s`, `1 min 5 s`, `3 h 20 min`, `2 d 4 h`. */
export function duration(seconds: number): string {
  const s = Math.max(0, seconds);
  if (s < 0.9995) return `${Math.round(s * 1000)} ms`;
  if (s < 9.95) return `${s.toFixed(1).replace(/\.0$/, '')} s`;
  const rounded = Math.round(s);
  if (rounded < MINUTE) return `${rounded} s`;
  if (rounded < HOUR) return two(rounded, MINUTE, 'min', 1, 's');
  const minutes = Math.round(s / MINUTE) * MINUTE;
  if (minutes < DAY) return two(minutes, HOUR, 'h', MINUTE, 'min');
  return two(Math.round(s / HOUR) * HOUR, DAY, 'd', HOUR, 'h');
}

/** A time that runs, in figures that do not move: `0:05`, `12:34`, `1:02:03`. */
export function clock(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const [h, m, rest] = [Math.floor(s / HOUR), Math.floor((s % HOUR) / MINUTE), s % MINUTE];
  const tail = String(rest).padStart(2, '0');
  return h ? `${h}:${String(m).padStart(2, '0')}:${tail}` : `${m}:${tail}`;
}

/** How long ago: `now`, `5 minutes ago`, `yesterday`; a date when it is more than four weeks. */
export function since(moment: Moment, now: number = Date.now()): string {
  const seconds = (now - new Date(moment).getTime()) / 1000;
  if (Math.abs(seconds) < 5) return relative.format(0, 'second');
  if (seconds > 28 * DAY) return day(moment);
  return said(-seconds);
}

/** How long until: `in 5 minutes`. A moment that has passed says how long ago it was. */
export function until(moment: Moment, now: number = Date.now()): string {
  return said((new Date(moment).getTime() - now) / 1000);
}

/** The moment in full, in the reader's time zone. */
export function dateTime(moment: Moment): string {
  return full.format(new Date(moment));
}

export function day(moment: Moment): string {
  return dayOnly.format(new Date(moment));
}

function said(seconds: number): string {
  const size = Math.abs(seconds);
  if (size < MINUTE) return relative.format(Math.trunc(seconds), 'second');
  if (size < HOUR) return relative.format(Math.trunc(seconds / MINUTE), 'minute');
  if (size < DAY) return relative.format(Math.trunc(seconds / HOUR), 'hour');
  return relative.format(Math.trunc(seconds / DAY), 'day');
}

function two(seconds: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)} ${bigName}${rest ? ` ${rest} ${smallName}` : ''}`;
}
