import { useInfiniteQuery } from '@tanstack/react-query';

import type { Export } from '@/lib/api';
import { at, Seeded, type Specimens } from '@/lib/specimens';

import { ExportForm } from './export-form';
import { ExportList } from './export-list';
import { HowToVerify } from './how-to-verify';
import { exportsQuery } from './queries';

const projects = [
  { id: 'p1', name: 'Penguins of the Palmer Archipelago', roles: ['auditor' as const] },
  { id: 'p2', name: 'Readmissions', roles: ['auditor' as const] },
];

export function anExport(over: Partial<Export> = {}): Export {
  return {
    id: '3b1f6a52-3f5e-4d8b-8ad8-6a3a0e1f1c11',
    project: 'p2',
    state: 'ready',
    progress: 1,
    size: 1_345_678,
    sha256: '9f86d081884c7d65'.repeat(4),
    log_size: 1_234,
    failure: '',
    filter: { since: null, until: null, events: null },
    blobs: false,
    views: ['html'],
    opens: true,
    created_at: at(-3_600),
    finished_at: at(-3_590),
    from: 0,
    to: 1_234,
    ...over,
  };
}

const found: Export[] = [
  anExport({ id: '1', state: 'queued', progress: 0, to: null, size: null, sha256: null, created_at: at(-3) }),
  anExport({ id: '2', state: 'making', progress: 0.4, size: null, sha256: null, created_at: at(-9) }),
  anExport({
    id: '3',
    from: 5,
    to: 6,
    filter: { since: null, until: null, events: ['policy:decision:recorded', 'runs:run:denied'] },
  }),
  anExport({ id: '4', state: 'failed', failure: 'internal_error', size: null, sha256: null, project: 'p1' }),
];
const page = { pages: [{ results: found, next: null, previous: null }], pageParams: [null] };

function List() {
  return <ExportList query={useInfiniteQuery(exportsQuery(null))} projects={projects} />;
}

export const specimens: Specimens = {
  section: 'Exports',
  cases: [
    {
      name: 'Ask',
      wide: true,
      show: () => (
        <Seeded answers={[]}>
          <ExportForm projects={projects} chosen={null} />
        </Seeded>
      ),
    },
    {
      name: 'History',
      wide: true,
      show: () => (
        <Seeded answers={[[exportsQuery(null).queryKey, page]]}>
          <List />
        </Seeded>
      ),
    },
    { name: 'How to verify', wide: true, show: () => <HowToVerify /> },
  ],
};
