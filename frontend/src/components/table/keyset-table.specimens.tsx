import { IconPlayerPlay } from '@tabler/icons-react';
import { infiniteQueryOptions, useInfiniteQuery } from '@tanstack/react-query';

import { Empty } from '@/components/feedback';
import { RunStateBadge, runLooks } from '@/components/state-badge';
import { RelativeTime } from '@/components/time';
import { keyset, type Page, type RunStateEnum } from '@/lib/api';
import { at, problem, type Specimens } from '@/lib/specimens';

import { KeysetTable, stretched, type Column } from '.';

interface Row {
  id: number;
  purpose: string;
  state: RunStateEnum;
  created: string;
}

const STATES = Object.keys(runLooks) as RunStateEnum[];
const TOTAL = 18;

function page(from: number): Page<Row> {
  const results = Array.from({ length: 9 }, (_, index) => ({
    id: from + index,
    purpose: `Body mass by island, attempt ${from + index + 1}`,
    state: STATES[(from + index) % STATES.length] ?? 'closed',
    created: at(-3_600 * (from + index)),
  }));
  return { results, next: from + 9 < TOTAL ? String(from + 9) : null, previous: null };
}

function sample(name: string, queryFn: () => Page<Row> | Promise<Page<Row>>) {
  return infiniteQueryOptions({ queryKey: ['gallery', name], queryFn, ...keyset, retry: false });
}

const full = infiniteQueryOptions({
  queryKey: ['gallery', 'full'],
  queryFn: ({ pageParam }) => page(Number(pageParam ?? 0)),
  ...keyset,
});
const none = sample('none', () => ({ results: [], next: null, previous: null }));
const endless = sample('endless', () => new Promise<never>(() => undefined));
const failing = sample('failing', () => Promise.reject(problem(503, 'database_unavailable', 'The database is away.')));

const columns: Column<Row>[] = [
  {
    key: 'purpose',
    header: 'Purpose',
    width: 'minmax(12rem, 2fr)',
    cell: ({ purpose, id }) => (
      <a className={stretched} href={`#${id}`}>
        {purpose}
      </a>
    ),
  },
  {
    key: 'state',
    header: 'State',
    width: '12rem',
    cell: ({ state }) => <RunStateBadge state={state} variant="plain" />,
  },
  {
    key: 'created',
    header: 'Begun',
    width: '9rem',
    align: 'end',
    cell: ({ created }) => <RelativeTime at={created} />,
  },
];

function Sample({ options }: { options: typeof full }) {
  return (
    <KeysetTable
      label="Runs"
      nouns={['run', 'runs']}
      query={useInfiniteQuery(options)}
      columns={columns}
      rowKey={({ id }) => String(id)}
      narrow={({ purpose, state, id }) => (
        <>
          <a className={stretched} href={`#${id}`}>
            {purpose}
          </a>
          <div>
            <RunStateBadge state={state} variant="plain" size="sm" />
          </div>
        </>
      )}
      empty={
        <Empty icon={IconPlayerPlay} title="No runs match" size="part">
          Take a filter away.
        </Empty>
      }
    />
  );
}

export const specimens: Specimens = {
  section: 'Tables',
  cases: [
    { name: 'Two pages', wide: true, show: () => <Sample options={full} /> },
    { name: 'Empty', show: () => <Sample options={none} /> },
    { name: 'Loading', show: () => <Sample options={endless} /> },
    { name: 'Failed', show: () => <Sample options={failing} /> },
  ],
};
