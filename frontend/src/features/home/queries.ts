import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query';

import { answer, api, cursor, keyset, ProblemError, type Run } from '@/lib/api';

import { isLive, type Filter } from './filter';
import { liveBelow, withHead, withRuns, type RunPages } from './live';

const PAGE = 50;
// Looked at again one by one; more than a person has alive at once.
const MOST_BELOW = 20;
const LIVE_MS = 3_000;
const QUIET_MS = 5_000;
const SLOW_MS = 15_000;

function page(filter: Filter, at: string | null, signal: AbortSignal) {
  return answer(
    api.GET('/api/v1/runs', {
      params: { query: { ...filter, limit: PAGE, ...cursor(at) } },
      querySerializer: { array: { style: 'form', explode: false } },
      signal,
    }),
  );
}

export const runsQuery = (filter: Filter) =>
  infiniteQueryOptions({
    queryKey: ['runs', 'list', filter],
    queryFn: ({ pageParam, signal }) => page(filter, pageParam, signal),
    ...keyset,
    // `pulseQuery` keeps it fresh; fetching all its pages again would cost a request for each.
    staleTime: Infinity,
  });

/**
 * Keeps the list of a filter alive: asks for its first page every few seconds while somebody looks, and for live runs
 * that stand further down. One request each time as a rule, however long the list; a stream of events for each run in
 * sight would hold a connection for each.
 */
export const pulseQuery = (client: QueryClient, filter: Filter) =>
  queryOptions({
    queryKey: ['runs', 'pulse', filter],
    queryFn: async ({ signal }) => {
      const { queryKey } = runsQuery(filter);
      const head = await page(filter, null, signal);
      const before = client.getQueryData<RunPages>(queryKey);
      const below = before
        ? await fetched(liveBelow(before, head, MOST_BELOW), filter, signal)
        : new Map<string, null>();
      // Pages may have come in the meantime.
      client.setQueryData<RunPages>(queryKey, (old) => old && withRuns(withHead(old, head), below));
      return { live: head.results.some(({ state }) => isLive(state)) || below.size > 0, at: Date.now() };
    },
    refetchInterval: ({ state }) => (state.data?.live ? LIVE_MS : QUIET_MS),
    staleTime: 0,
    structuralSharing: false,
  });

async function fetched(ids: readonly string[], filter: Filter, signal: AbortSignal) {
  const found = await Promise.all(ids.map((id) => one(id, signal)));
  const fits = (run: Run | null) => run !== null && (filter.state?.includes(run.state) ?? true);
  return new Map(ids.map((id, at) => [id, fits(found[at] ?? null) ? (found[at] ?? null) : null]));
}

async function one(id: string, signal: AbortSignal): Promise<Run | null> {
  try {
    return await answer(api.GET('/api/v1/runs/{run_id}', { params: { path: { run_id: id } }, signal }));
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404) return null;
    throw error;
  }
}

export const waitingQuery = queryOptions({
  queryKey: ['waiting'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/waiting', { signal })),
  refetchInterval: SLOW_MS,
});

export const quotaQuery = (project: string | null) =>
  queryOptions({
    queryKey: ['quota', project],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/quota', { params: { query: project ? { project } : {} }, signal })),
    refetchInterval: SLOW_MS,
    placeholderData: (before) => before,
  });

export const environmentsQuery = queryOptions({
  queryKey: ['environments'],
  queryFn: async ({ signal }) =>
    (await answer(api.GET('/api/v1/environments', { params: { query: { limit: 100 } }, signal }))).results,
  staleTime: 5 * 60_000,
});
