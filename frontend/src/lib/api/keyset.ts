import type { InfiniteData } from '@tanstack/react-query';

/** A page of any list of the platform. */
export interface Page<T> {
  results: T[];
  next: string | null;
  previous: string | null;
}

/**
 * The parts of `infiniteQueryOptions` that every list shares; the page's cursor is the page parameter.
 *
 *     infiniteQueryOptions({
 *       queryKey: ['runs', filter],
 *       queryFn: ({ pageParam, signal }) =>
 *         answer(api.GET('/api/v1/runs', { params: { query: { ...filter, ...cursor(pageParam) } }, signal })),
 *       ...keyset,
 *     })
 */
export const keyset = {
  initialPageParam: null as string | null,
  getNextPageParam: (last: { next?: string | null }): string | null => last.next ?? null,
};

/** The query parameter of a page; none for the first. */
export function cursor(pageParam: string | null): { cursor?: string } {
  return pageParam === null ? {} : { cursor: pageParam };
}

/** All rows that were fetched so far. */
export function rows<T>(data: InfiniteData<{ results: T[] }> | undefined): T[] {
  return data?.pages.flatMap((page) => page.results) ?? [];
}
