import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { answer, api, cursor, keyset, type RunRequestRequest } from '@/lib/api';

// A policy is published now and then, not by the minute.
const SELDOM_MS = 5 * 60_000;

export const limitsQuery = queryOptions({
  queryKey: ['limits'],
  queryFn: async ({ signal }) => (await answer(api.GET('/api/v1/limits', { signal }))).limits,
  staleTime: SELDOM_MS,
});

export const environmentsQuery = queryOptions({
  queryKey: ['environments'],
  queryFn: async ({ signal }) =>
    (await answer(api.GET('/api/v1/environments', { params: { query: { limit: 100 } }, signal }))).results,
  staleTime: SELDOM_MS,
});

export const environmentQuery = (name: string) =>
  queryOptions({
    queryKey: ['environments', name],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/environments/{name}', { params: { path: { name } }, signal })),
    staleTime: SELDOM_MS,
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', id],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/runs/{run_id}', { params: { path: { run_id: id } }, signal })),
  });

export const filesQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: ['files', project],
    queryFn: ({ pageParam, signal }) =>
      answer(api.GET('/api/v1/files', { params: { query: { project, ...cursor(pageParam) } }, signal })),
    ...keyset,
  });

export const packagesQuery = (project: string, environment: string, packages: readonly string[]) =>
  queryOptions({
    queryKey: ['packages', project, environment, packages],
    queryFn: async ({ signal }) => {
      const body = { project, environment, packages: [...packages] };
      return (await answer(api.POST('/api/v1/packages/check', { body, signal }))).packages;
    },
    staleTime: SELDOM_MS,
  });

/** What policy says to a request now. Each asking is on record, so the same is not asked twice. */
export const answerQuery = (request: RunRequestRequest | null) =>
  queryOptions({
    queryKey: ['preview', request],
    queryFn: ({ signal }) => {
      if (!request) throw new Error('There is nothing to ask yet.');
      return answer(api.POST('/api/v1/runs/preview', { body: request, signal }));
    },
    enabled: request !== null,
    staleTime: 60_000,
  });

export const quotaQuery = queryOptions({
  queryKey: ['quota', null],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/quota', { signal })),
});
