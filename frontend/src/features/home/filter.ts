import { momentsOf } from '@/components/filters/times';
import type { RunStateEnum } from '@/lib/api';

import { statesIn, type RunsSearch } from './search';

/** What the platform is asked for. */
export interface Filter {
  owner?: 'me';
  q?: string;
  state?: RunStateEnum[];
  project?: string;
  environment?: string;
  since?: string;
  until?: string;
}

export const LIVE: readonly RunStateEnum[] = [
  'requested',
  'awaiting_approval',
  'queued',
  'starting',
  'ready',
  'executing',
];
export const ENDED: readonly RunStateEnum[] = ['closed', 'failed', 'cancelled', 'expired', 'lost', 'denied'];

export function isLive(state: RunStateEnum): boolean {
  return LIVE.includes(state);
}

/** The question that an address means, with the project of the side bar where it names none. */
export function filterOf(search: RunsSearch, switchedTo: string | null, now: number): Filter {
  const filter: Filter = {};
  if (search.who !== 'all') filter.owner = 'me';
  if (search.q) filter.q = search.q;
  const chosen = statesIn(search.state);
  if (chosen.length) filter.state = chosen;
  const project = projectOf(search, switchedTo);
  if (project) filter.project = project;
  if (search.environment) filter.environment = search.environment;
  return { ...filter, ...momentsOf(search, now) };
}

/** The project that is looked at; null for all. */
export function projectOf(search: RunsSearch, switchedTo: string | null): string | null {
  if (search.project === 'all') return null;
  return search.project ?? switchedTo;
}

/** Whether the address cuts anything off; whose runs are shown is no cut. */
export function isFiltered(search: RunsSearch): boolean {
  const { q, state, project, environment, time, since, until } = search;
  const cuts = [q, state, project === 'all' ? undefined : project, environment, time, since, until];
  return cuts.some((part) => part !== undefined);
}
