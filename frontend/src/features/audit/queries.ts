import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { answer, api, cursor, keyset, ProblemError } from '@/lib/api';

import type { Question } from './question';

const PAGE = 50;
const NOT_SIGNED = 'not_signed_yet';
const SIGNED_EVERY_MS = 1_000;

export const entriesQuery = (question: Question) =>
  infiniteQueryOptions({
    queryKey: ['audit', 'entries', question],
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET('/api/v1/audit/entries', {
          params: { query: { ...question, limit: PAGE, ...cursor(pageParam) } },
          signal,
        }),
      ),
    ...keyset,
    refetchOnWindowFocus: false,
  });

/** One entry. It never changes; only its place in the log comes a moment after it. */
export const entryQuery = (id: string) =>
  queryOptions({
    queryKey: ['audit', 'entry', id],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/audit/entries/{entry_id}', { params: { path: { entry_id: id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.index === null ? SIGNED_EVERY_MS : false),
  });

/** The proof file of an entry; asked for again by itself until a checkpoint has the entry. */
export const proofQuery = (id: string) =>
  queryOptions({
    queryKey: ['audit', 'proof', id],
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/v1/audit/entries/{entry_id}/proof', {
          params: { path: { entry_id: id } },
          parseAs: 'text',
          signal,
        }),
      ),
    refetchInterval: ({ state }) => (isNotSigned(state.error) ? SIGNED_EVERY_MS : false),
    // What was shown to verify stays what is shown, however the log grows meanwhile.
    staleTime: Infinity,
  });

/** The key file that the platform lists. */
export const keysQuery = queryOptions({
  queryKey: ['audit', 'keys'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/audit/keys', { parseAs: 'text', signal })),
  staleTime: 60_000,
});

/** Whether a proof is not there yet only because no checkpoint has the entry. */
export function isNotSigned(error: unknown): boolean {
  return error instanceof ProblemError && error.code === NOT_SIGNED;
}
