import type { InfiniteData } from '@tanstack/react-query';

import type { PaginatedRunList, Run } from '@/lib/api';

import { isLive } from './filter';

export type RunPages = InfiniteData<PaginatedRunList>;

/**
 * The list with its beginning as it is now: runs that came are put before it, those that no longer belong to it are
 * taken out. Pages further down stay as they were fetched; cursors name a place, not a number, so they stay true.
 */
export function withHead(old: RunPages, head: PaginatedRunList): RunPages {
  const last = head.results.at(-1);
  if (!last || head.next === null) return { pages: [head], pageParams: [null] };
  for (const [at, page] of old.pages.entries()) {
    const place = page.results.findIndex(({ id }) => id === last.id);
    if (place < 0) continue;
    const first = { ...page, previous: head.previous, results: [...head.results, ...page.results.slice(place + 1)] };
    return { pages: [first, ...old.pages.slice(at + 1)], pageParams: [null, ...old.pageParams.slice(at + 1)] };
  }
  // So much came that the two do not meet: what lies between has to be fetched.
  return { pages: [head], pageParams: [null] };
}

/** The list with these runs as they are now; null stands for one that cannot be seen any more. */
export function withRuns(old: RunPages, fresh: ReadonlyMap<string, Run | null>): RunPages {
  if (!fresh.size) return old;
  const pages = old.pages.map((page) => ({
    ...page,
    results: page.results.flatMap((run) => {
      const found = fresh.get(run.id);
      return found === undefined ? [run] : found === null ? [] : [found];
    }),
  }));
  return { ...old, pages };
}

/** Live runs below the beginning, at most `most`: those further up are in the next beginning anyway. */
export function liveBelow(pages: RunPages, head: PaginatedRunList, most: number): string[] {
  const inHead = new Set(head.results.map(({ id }) => id));
  const live = pages.pages
    .flatMap(({ results }) => results)
    .filter(({ id, state }) => isLive(state) && !inHead.has(id));
  return live.slice(0, most).map(({ id }) => id);
}
