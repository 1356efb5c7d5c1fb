import { useInfiniteQuery } from '@tanstack/react-query';

import type { AuditEntry } from '@/lib/api';
import { at, Seeded, type Specimens } from '@/lib/specimens';

import vectors from '../../../tests/files/proofs.json';
import { EntriesTable } from './entries/entries-table';
import { EntryFilters } from './entries/entry-filters';
import { Commitments } from './entry/commitments';
import { EntryFacts } from './entry/entry-facts';
import { ProofSection } from './proof/proof-section';
import { entriesQuery, keysQuery, proofQuery } from './queries';

const nothing = () => undefined;
const PERSON = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const RUN = '9194f012-4f44-475a-bda6-1e4e7f802cbd';
const proof = vectors.proofs.find(({ index }) => index === 41);

export function anEntry(over: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: '0d9c4c1e-6b0f-4c5c-9a55-54a1a0a3f6b1',
    event: 'runs:run:requested',
    project: vectors.project,
    recorded_at: at(-312),
    actor: PERSON,
    subject: `run:${RUN}`,
    outcome: 'allow',
    facts: {
      environment: 'python',
      image: `sha256:${'9ee08c0b9687c07f'.repeat(4)}`,
      packages: ['pandas==2.3.0'],
      model: '',
      files: 0,
      warm: true,
    },
    commitments: { purpose: 'ab'.repeat(32) },
    sealed: {
      purpose: { commitment: 'cd'.repeat(32), digest: 'ef'.repeat(32), key: '11111111-1111-4111-8111-111111111111' },
    },
    version: 2,
    header: proof?.header ?? '',
    leaf_hash: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    index: 41,
    log_size: 57,
    payload: null,
    ...over,
  };
}

const entries: AuditEntry[] = [
  anEntry({ id: '1', index: null, recorded_at: at(0) }),
  anEntry({ id: '2', index: 1_234_567, event: 'policy:decision:recorded', facts: { point: 'run', reasons: [] } }),
  anEntry({
    id: '3',
    index: 1_234_566,
    event: 'audit:request:refused',
    outcome: 'refused',
    subject: 'action:runs.actions.asking.request_run',
    facts: { code: 'package_not_allowed', reasons: ['package_not_allowed'] },
  }),
  anEntry({
    id: '4',
    index: 1_234_565,
    event: 'runs:execution:finished',
    actor: null,
    outcome: 'out_of_memory',
    subject: `run:${RUN}/execution:2`,
    facts: { wall_milliseconds: 1_700 },
  }),
  anEntry({ id: '5', index: 3, event: 'a:new_kind:of_event' as never, outcome: 'unheard_of', subject: 'riddle:x' }),
];
const page = { pages: [{ results: entries, next: null, previous: null }], pageParams: [null] };

function Table() {
  return <EntriesTable query={useInfiniteQuery(entriesQuery({}))} search={{}} onSearch={nothing} manyProjects />;
}

export const specimens: Specimens = {
  section: 'Audit log',
  cases: [
    {
      name: 'Filters',
      wide: true,
      show: () => (
        <EntryFilters
          search={{ event: 'runs:run:denied' }}
          project="p1"
          projects={[
            { id: 'p1', name: 'Penguins of the Palmer Archipelago', roles: ['auditor'] },
            { id: 'p2', name: 'Readmissions', roles: ['auditor'] },
          ]}
          onSearch={nothing}
        />
      ),
    },
    {
      name: 'Entries',
      wide: true,
      show: () => (
        <Seeded answers={[[entriesQuery({}).queryKey, page]]}>
          <Table />
        </Seeded>
      ),
    },
    {
      name: 'What an entry says',
      wide: true,
      show: () => (
        <Seeded answers={[]}>
          <EntryFacts entry={anEntry()} />
          <Commitments entry={anEntry()} />
        </Seeded>
      ),
    },
    {
      name: 'A proof that verifies',
      wide: true,
      show: () => (
        <Seeded
          answers={[
            [proofQuery(anEntry().id).queryKey, proof?.file],
            [keysQuery.queryKey, `${vectors.key}\n`],
          ]}
        >
          <ProofSection entry={anEntry()} />
        </Seeded>
      ),
    },
    {
      name: 'A proof that does not',
      wide: true,
      show: () => (
        <Seeded
          answers={[
            [proofQuery(anEntry().id).queryKey, proof?.file.replace('index 41', 'index 40')],
            [keysQuery.queryKey, `${vectors.otherKey}\n`],
          ]}
        >
          <ProofSection entry={anEntry()} />
        </Seeded>
      ),
    },
  ],
};
