/** Spans of time that end now. */
export const SPANS = ['hour', 'day', 'week', 'month'] as const;
export type Span = (typeof SPANS)[number];

/** When, as the address says it: a span, or days by the reader's clock, both inside. */
export interface TimesSearch {
  time?: Span | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

const MINUTE_MS = 60_000;
const SPAN_MS: Record<Span, number> = {
  hour: 60 * MINUTE_MS,
  day: 24 * 60 * MINUTE_MS,
  week: 7 * 24 * 60 * MINUTE_MS,
  month: 30 * 24 * 60 * MINUTE_MS,
};
// A span's beginning moves on in steps, or each render would be another question.
const STEP_MS = 5 * MINUTE_MS;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What an address says of times; every part is named. */
export function timesIn(given: Record<string, unknown>): TimesSearch {
  const time = SPANS.find((each) => each === given.time);
  return { time, since: time ? undefined : dayIn(given.since), until: time ? undefined : dayIn(given.until) };
}

/** The moments that it means. */
export function momentsOf(search: TimesSearch, now: number): { since?: string; until?: string } {
  const moments: { since?: string; until?: string } = {};
  if (search.time) {
    const begin = now - SPAN_MS[search.time];
    moments.since = new Date(begin - (begin % STEP_MS)).toISOString();
  }
  if (search.since) moments.since = startOfDay(search.since, 0);
  if (search.until) moments.until = startOfDay(search.until, 1);
  return moments;
}

function dayIn(value: unknown): string | undefined {
  return typeof value === 'string' && DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined;
}

/** Midnight by the reader's clock. */
function startOfDay(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}
