import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { keyset, ProblemError, type Page } from '@/lib/api';

import { showPage } from '../../../tests/page';
import { KeysetTable, stretched } from '.';

interface Row {
  id: number;
}

function page(from: number, next: string | null): Page<Row> {
  return { results: [0, 1, 2].map((n) => ({ id: from + n })), next, previous: null };
}

function show(fetchPage: (cursor: string | null) => Page<Row> | Promise<Page<Row>>) {
  const options = infiniteQueryOptions({
    queryKey: ['rows'],
    queryFn: ({ pageParam }) => fetchPage(pageParam),
    ...keyset,
    retry: false,
  });
  function Table() {
    return (
      <KeysetTable
        label="Rows"
        nouns={['row', 'rows']}
        query={useInfiniteQuery(options)}
        columns={[
          {
            key: 'id',
            header: 'Id',
            width: '1fr',
            cell: ({ id }) => (
              <a className={stretched} href={`#${id}`}>
                row {id}
              </a>
            ),
          },
        ]}
        rowKey={({ id }) => String(id)}
        narrow={({ id }) => id}
        empty={<p>None.</p>}
      />
    );
  }
  showPage({ path: '/', component: Table });
}

// jsdom lays nothing out: without a height no row would be in sight.
beforeEach(() => vi.stubGlobal('innerHeight', 900));

const refusal = new ProblemError({
  type: '',
  title: '',
  status: 503,
  detail: 'The database is away.',
  code: 'database_unavailable',
  request_id: '',
});

describe('KeysetTable', () => {
  it('fetches page after page until there is none, each row once', async () => {
    const asked: (string | null)[] = [];
    show((cursor) => {
      asked.push(cursor);
      return cursor === null ? page(1, 'c2') : page(4, null);
    });
    expect(await screen.findByText('6 rows. That is all.')).toBeVisible();
    expect(asked).toEqual([null, 'c2']);
    expect(screen.getByRole('table', { name: 'Rows' })).toHaveAttribute('aria-rowcount', '7');
  });

  it('says what there is to say about nothing', async () => {
    show(() => ({ results: [], next: null, previous: null }));
    expect(await screen.findByText('None.')).toBeVisible();
  });

  it('shows why nothing came', async () => {
    show(() => Promise.reject(refusal));
    expect(await screen.findByText('The database is away.')).toBeVisible();
  });

  it('keeps what came when the next page does not, and tries that again when asked', async () => {
    let away = true;
    show((cursor) => {
      if (cursor === null) return page(1, 'c2');
      return away ? Promise.reject(refusal) : page(4, null);
    });
    expect(await screen.findByText('The next rows did not arrive.')).toBeVisible();
    away = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('6 rows. That is all.')).toBeVisible();
  });
});
