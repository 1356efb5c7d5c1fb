import { timesIn, type TimesSearch } from '@/components/filters/times';
import type { RunStateEnum } from '@/lib/api';
import { states } from '@/locales';

/** What the list of runs is cut down to, as the address says it; undefined takes a part out. */
export interface RunsSearch extends TimesSearch {
  q?: string | undefined;
  /** States, separated by commas. */
  state?: string | undefined;
  /** A project's id, or `all` whatever the side bar's switch is on. */
  project?: string | undefined;
  environment?: string | undefined;
  /** The runs of everybody that the person may see, not only their own. */
  who?: 'all' | undefined;
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

/** Every part is named, as the router would show what was left out as it was given. */
export function runsSearch(given: Record<string, unknown>): RunsSearch {
  return {
    q: text(given.q),
    state: text(statesIn(given.state).join(',')),
    project: text(given.project),
    environment: text(given.environment),
    who: given.who === 'all' ? 'all' : undefined,
    ...timesIn(given),
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
