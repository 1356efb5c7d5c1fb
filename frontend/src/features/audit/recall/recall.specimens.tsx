import { useInfiniteQuery } from '@tanstack/react-query';

import type { PaginatedRecalledList, Recalled } from '@/lib/api';
import { at, Seeded, type Specimens } from '@/lib/specimens';

import { Answer } from './answer';
import { recallQuery } from './queries';
import type { RecallQuestion } from './question';
import { RecallForm } from './recall-form';
import { RecalledList } from './recalled-list';
import { ReleasedList } from './released';

const nothing = () => undefined;
const PERSON = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const IMAGE = `sha256:${'9ee08c0b9687c07f'.repeat(4)}`;
const projects = [
  { id: 'p1', name: 'Penguins of the Palmer Archipelago', roles: ['auditor' as const] },
  { id: 'p2', name: 'Readmissions', roles: ['auditor' as const] },
];

export function aRecalled(over: Partial<Recalled> = {}): Recalled {
  return {
    project: 'p1',
    run: '9194f012-4f44-475a-bda6-1e4e7f802cbd',
    executions: [1, 2],
    why: ['package humanize==4.9.0'],
    state: 'closed',
    requested_at: at(-90_000),
    released: [
      { what: 'artifact', to: 'download', at: at(-312), by: PERSON },
      { what: 'outputs', to: 'console', at: at(-400), by: PERSON },
    ],
    released_more: false,
    ...over,
  };
}

const recalled: Recalled[] = [
  aRecalled(),
  aRecalled({
    run: '2b1f0f6e-4f44-475a-bda6-1e4e7f802cbd',
    why: [`package humanize==4.8.0 in image ${IMAGE}`, 'package humanize==4.7.0', 'package humanize==4.6.0'],
    state: 'executing',
    executions: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    released: [{ what: 'outputs', to: 'model', at: at(-10), by: PERSON }],
    released_more: true,
  }),
  aRecalled({
    run: '7c5d0f6e-4f44-475a-bda6-1e4e7f802cbd',
    project: 'p2',
    state: null,
    executions: [],
    released: [],
  }),
];
const question: RecallQuestion = { package: 'humanize', below: '4.10' };
const absent: RecallQuestion = { image: '9ee08c0b9687', project: 'p2' };

function pages(
  results: Recalled[],
  projection: PaginatedRecalledList['projection'] = { behind: 0, lag_seconds: 0 },
): { pages: PaginatedRecalledList[]; pageParams: null[] } {
  return { pages: [{ results, next: null, previous: null, projection }], pageParams: [null] };
}

function Table() {
  return <RecalledList query={useInfiniteQuery(recallQuery(question))} projects={projects} />;
}

export const specimens: Specimens = {
  section: 'Recall',
  cases: [
    {
      name: 'Question about a package',
      wide: true,
      show: () => (
        <RecallForm
          search={{ kind: 'package', what: 'humanize', below: '4.10' }}
          project="p1"
          projects={projects}
          onAsk={nothing}
        />
      ),
    },
    {
      name: 'Question about an image, in one project',
      wide: true,
      show: () => (
        <RecallForm search={{ kind: 'image' }} project={null} projects={projects.slice(0, 1)} onAsk={nothing} />
      ),
    },
    {
      name: 'Recalled runs',
      wide: true,
      show: () => (
        <Seeded answers={[[recallQuery(question).queryKey, pages(recalled)]]}>
          <Table />
        </Seeded>
      ),
    },
    {
      name: 'An answer that lags, and found nothing',
      wide: true,
      show: () => (
        <Seeded answers={[[recallQuery(absent).queryKey, pages([], { behind: 1_234, lag_seconds: 95 })]]}>
          <Answer question={absent} projects={projects} />
        </Seeded>
      ),
    },
    {
      name: 'An answer on its way',
      wide: true,
      show: () => (
        <Seeded answers={[]}>
          <Answer question={{ revision: IMAGE }} projects={projects} />
        </Seeded>
      ),
    },
    {
      name: 'What was released of a run',
      wide: true,
      show: () => <ReleasedList recalled={aRecalled({ released_more: true })} />,
    },
  ],
};
