import { infiniteQueryOptions, useMutation } from '@tanstack/react-query';

import { answer, api, cursor, keyset, type PaginatedRecalledList } from '@/lib/api';
import { saveBlob } from '@/lib/save';

import type { RecallQuestion } from './question';

const PAGE = 50;

/**
 * The runs that the question is about. Every time it is asked is on record, so a window that is come back to, or a
 * network that is, does not ask it again.
 */
export const recallQuery = (question: RecallQuestion) =>
  infiniteQueryOptions({
    queryKey: ['audit', 'recall', question],
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET('/api/v1/audit/recall', {
          params: { query: { ...question, limit: PAGE, ...cursor(pageParam) } },
          signal,
        }),
        // The address has a second form, which is asked for below.
      ) as Promise<PaginatedRecalledList>,
    ...keyset,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });

/** The whole answer as a file, a line for each release. */
export function useRecallSheet() {
  return useMutation({
    mutationFn: (question: RecallQuestion) =>
      answer(
        api.GET('/api/v1/audit/recall', {
          params: { query: question },
          headers: { Accept: 'text/csv' },
          parseAs: 'blob',
        }),
      ),
    onSuccess: (sheet) => saveBlob(sheet, 'recall.csv'),
  });
}
