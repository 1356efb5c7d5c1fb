import type { Erasure, Hold } from '@/lib/api';
import { at, Seeded, type Specimens } from '@/lib/specimens';

import { EraseForm } from './erase-form';
import { ErasureList } from './erasure-list';
import { HoldForm } from './hold-form';
import { HoldList } from './hold-list';
import { Periods } from './periods';
import { erasuresQuery, holdsQuery, retentionQuery } from './queries';

const PERSON = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const projects = [{ id: 'p1', name: 'Penguins of the Palmer Archipelago', roles: ['auditor' as const] }];

export function aHold(over: Partial<Hold> = {}): Hold {
  return {
    id: '1',
    project: 'p1',
    subject: PERSON,
    subject_name: 'Amira Haddad',
    reason: 'Case 2026-17',
    placed_at: at(-90_000),
    placed_by: PERSON,
    placed_by_name: 'Noor Aziz',
    lifted_at: null,
    lifted_by: null,
    lift_reason: '',
    ...over,
  };
}

const lifted = { subject: null, subject_name: null, lifted_at: at(-60), lifted_by: PERSON, lift_reason: 'Closed' };
const erasure: Erasure = {
  id: '1',
  subject: PERSON,
  state: 'erasing',
  reason: 'Request 12',
  erased_keys: ['a', 'b'],
  logs: [],
  contents: 17,
  requested_by: null,
  created_at: at(-20),
  finished_at: null,
};
const page = (results: unknown[]) => ({ pages: [{ results, next: null, previous: null }], pageParams: [null] });

export const specimens: Specimens = {
  section: 'Holds and erasures',
  cases: [
    {
      name: 'Periods and holds',
      wide: true,
      show: () => (
        <Seeded
          answers={[
            [
              retentionQuery.queryKey,
              {
                audit_months: 12,
                content_months: 6,
                last_run_at: at(-7_200),
                last_run_finished_at: at(-7_100),
                next_run_at: at(79_200),
              },
            ],
            [holdsQuery(null).queryKey, page([aHold(), aHold({ id: '2', ...lifted })])],
          ]}
        >
          <Periods />
          <HoldList project={null} projects={projects} mayLift={['p1']} />
          <HoldForm projects={projects} chosen={null} />
        </Seeded>
      ),
    },
    {
      name: 'Erasures',
      wide: true,
      show: () => (
        <Seeded
          answers={[
            [
              erasuresQuery(null).queryKey,
              page([erasure, { ...erasure, id: '2', state: 'done', finished_at: at(-5), contents: 1 }]),
            ],
          ]}
        >
          <ErasureList project={null} />
          <EraseForm />
        </Seeded>
      ),
    },
  ],
};
