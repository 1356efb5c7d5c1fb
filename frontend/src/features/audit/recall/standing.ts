import type { PaginatedRecalledList } from '@/lib/api';

type Standing = NonNullable<PaginatedRecalledList['projection']>;

/** How far the page that lacks most is behind the log; null when each has all that was recorded. */
export function behind(pages: readonly Pick<PaginatedRecalledList, 'projection'>[]): Standing | null {
  return pages
    .map(({ projection }) => projection)
    .reduce<Standing | null>((worst, one) => (one && one.behind > (worst?.behind ?? 0) ? one : worst), null);
}
