import type { RunStateEnum } from '@/lib/api';
import { states } from '@/locales';

/** Spans of time that end now. */
export const SPANS = ['hour', 'day', 'week', 'month'] as const;
export type Span = (typeof SPANS)[number];

/** What the list of runs is cut down to, as the address says it; undefined takes a part out. */
export interface RunsSearch {
  q?: string | undefined;
  /** States, separated by commas. */
  state?: string | undefined;
  /** A project's id, or `all` whatever the side bar's switch is on. */
  project?: string | undefined;
  environment?: string | undefined;
  /** The runs of everybody that the person may see, not only their own. */
  who?: 'all' | undefined;
  /** A span, or days by the reader's clock, both inside. */
  time?: Span | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

/** Takes every filter out; whose runs are shown stays. */
export const NO_FILTER: RunsSearch = {
  q: undefined,
  state: undefined,
  project: undefined,
  environment: undefined,
  time: undefined,
  since: undefined,
  until: undefined,
};

const LONGEST = 500;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Every part is named, as the router would show what was left out as it was given. */
export function runsSearch(given: Record<string, unknown>): RunsSearch {
  const time = SPANS.find((each) => each === given.time);
  return {
    q: text(given.q),
    state: text(statesIn(given.state).join(',')),
    project: text(given.project),
    environment: text(given.environment),
    who: given.who === 'all' ? 'all' : undefined,
    time,
    since: time ? undefined : dayIn(given.since),
    until: time ? undefined : dayIn(given.until),
  };
}

/** The states that a text of the address names; others are left out. */
export function statesIn(text: unknown): RunStateEnum[] {
  if (typeof text !== 'string') return [];
  return text.split(',').filter((word): word is RunStateEnum => Object.hasOwn(states.run, word));
}

// The router reads digits as a number. More than anybody searches for would only make every request as long.
function text(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return String(value).slice(0, LONGEST) || undefined;
}

function dayIn(value: unknown): string | undefined {
  return typeof value === 'string' && DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : undefined;
}
