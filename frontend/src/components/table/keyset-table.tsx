import { Button, Loader } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

import { ErrorState, Loading, Partial } from '@/components/feedback';
import { rows as allRows } from '@/lib/api';
import { plural } from '@/lib/format';
import { components } from '@/locales';

import classes from './keyset-table.module.css';

const t = components.table;
const NARROW = '(max-width: 47.99em)';
// Rows fetched before they are scrolled to.
const AHEAD = 15;

export interface Column<T> {
  key: string;
  header: string;
  /** A track of the grid: `8rem`, `minmax(12rem, 2fr)`. */
  width: string;
  align?: 'end';
  cell: (row: T) => ReactNode;
}

export interface KeysetTableProps<T> {
  /** What the rows are, for who does not see them: "My runs". */
  label: string;
  /** One row and several, for the count at the end: `['run', 'runs']`. */
  nouns: readonly [string, string];
  query: UseInfiniteQueryResult<InfiniteData<{ results: T[] }>>;
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
  /**
   * A row on a narrow screen. In either form a link with the class `stretched` (exported here) makes the whole row
   * its target; arrow keys, `j` and `k` go from row to row by these links.
   */
  narrow: (row: T) => ReactNode;
  rowHeight?: number;
  narrowHeight?: number;
  empty: ReactNode;
}

/** Covers the row with a link, so that all of it can be clicked and opened in a new tab. */
export const stretched = classes.stretched ?? '';

/** A list of any length, fetched page by page as it is scrolled; only the rows in sight are in the document. */
export function KeysetTable<T>(props: KeysetTableProps<T>) {
  const { query, label, columns, narrow, empty, nouns } = props;
  const small = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false });
  const rows = allRows(query.data);
  if (query.isPending) return <Loading name={label} rows={8} height={props.rowHeight ?? 44} />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!rows.length) return <>{empty}</>;
  const tracks = columns.map((column) => column.width).join(' ');
  return (
    <div>
      <div
        role="table"
        aria-label={label}
        aria-rowcount={query.hasNextPage ? -1 : rows.length + 1}
        className={clsx(classes.table, small && classes.small)}
        style={{ '--tracks': tracks }}
      >
        <div role="rowgroup" className={classes.head}>
          <div role="row" aria-rowindex={1} className={classes.row}>
            {columns.map(({ key, header, align }) => (
              <span key={key} role="columnheader" className={clsx(classes.cell, align && classes.end)}>
                {header}
              </span>
            ))}
          </div>
        </div>
        <Rows {...props} rows={rows} small={small} narrow={narrow} />
      </div>
      <Foot query={query} shown={plural(rows.length, nouns[0], nouns[1])} />
    </div>
  );
}

function Rows<T>({
  query,
  rows,
  columns,
  rowKey,
  narrow,
  small,
  rowHeight = 44,
  narrowHeight = 76,
}: KeysetTableProps<T> & { rows: T[]; small: boolean }) {
  const body = useRef<HTMLDivElement>(null);
  const [margin, setMargin] = useState(0);
  useLayoutEffect(() => setMargin(body.current?.offsetTop ?? 0), []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => (small ? narrowHeight : rowHeight),
    overscan: 12,
    scrollMargin: margin,
    getItemKey: (at) => rowKey(rows[at] as T),
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  const wanted = hasNextPage && !isFetchingNextPage && !isFetchNextPageError && last >= rows.length - AHEAD;
  useEffect(() => {
    if (wanted) void fetchNextPage();
  }, [wanted, fetchNextPage]);

  const move = (event: KeyboardEvent) => {
    const step = steps[event.key];
    const from = (event.target as HTMLElement).closest<HTMLElement>('[data-row]');
    if (!step || !from || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = Math.min(rows.length - 1, Math.max(0, Number(from.dataset.row) + step));
    event.preventDefault();
    virtual.scrollToIndex(to, { align: 'auto' });
    requestAnimationFrame(() => {
      body.current?.querySelector<HTMLElement>(`[data-row="${to}"] .${stretched}`)?.focus();
    });
  };

  return (
    // The keys go from link to link, each of which is its row's control.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      role="rowgroup"
      ref={body}
      className={classes.body}
      style={{ height: virtual.getTotalSize() }}
      onKeyDown={move}
    >
      {items.map((item) => {
        const row = rows[item.index] as T;
        return (
          <div
            key={item.key}
            ref={virtual.measureElement}
            role="row"
            aria-rowindex={item.index + 2}
            data-row={item.index}
            data-index={item.index}
            className={clsx(classes.row, classes.item)}
            style={{ transform: `translateY(${item.start - margin}px)`, minHeight: small ? narrowHeight : rowHeight }}
          >
            {small ? (
              <div role="cell" className={classes.whole}>
                {narrow(row)}
              </div>
            ) : (
              columns.map(({ key, align, cell }) => (
                <div key={key} role="cell" className={clsx(classes.cell, align && classes.end)}>
                  {cell(row)}
                </div>
              ))
            )}
          </div>
        );
      })}
    </div>
  );
}

const steps: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

function Foot<T>({ query, shown }: { query: KeysetTableProps<T>['query']; shown: string }) {
  if (query.isFetchNextPageError) {
    return <Partial title={t.moreFailed} onRetry={() => void query.fetchNextPage()} />;
  }
  return (
    <p className={classes.foot}>
      {query.isFetchingNextPage ? (
        <>
          <Loader size={12} /> {t.loadingMore}
        </>
      ) : query.hasNextPage ? (
        <Button variant="subtle" size="compact-sm" onClick={() => void query.fetchNextPage()}>
          {t.more}
        </Button>
      ) : (
        t.end({ shown })
      )}
    </p>
  );
}
