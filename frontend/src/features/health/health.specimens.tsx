import type { Failure, Part } from '@/lib/api';
import { at, type Specimens } from '@/lib/specimens';

import { Failures } from './failures';
import { Parts } from './parts';
import { Pools } from './pools';
import { Queue } from './queue';

const part: Part = {
  name: 'postgres',
  state: 'ok',
  since: at(-9_000),
  latency_ms: 1.4,
  version: '18.6',
  message: '',
  detail: {},
};
const parts: Part[] = [
  part,
  { ...part, name: 'opa', state: 'down', since: at(-40), latency_ms: 3_000, version: '', message: 'Does not answer.' },
  { ...part, name: 'workers', version: '0.1.0 (Django 5.2.19, Python 3.13.0)', detail: { processes: 2 } },
  { ...part, name: 'newcomer', version: '', detail: { free_bytes: 2 * 1024 ** 3, not_enforced: ['disk'], riddle: 7 } },
];
const failure: Failure = {
  run: '0b5c6a5e-1111-4222-8333-944444444444',
  project: 'p',
  project_name: 'Gesundheitsversorgungsforschungsdatenzusammenführung',
  code: 'worker_lost',
  message: 'The worker died while the cell ran.',
  at: at(-312),
};

export const specimens: Specimens = {
  section: 'Health',
  cases: [
    { name: 'Parts', wide: true, show: () => <Parts parts={parts} /> },
    {
      name: 'Pools',
      show: () => (
        <Pools
          pools={[
            { environment: 'python', warm: 2, claimed: 1, starting: 1, max: 8 },
            { environment: null, warm: 0, claimed: 8, starting: 0, max: 8 },
          ]}
        />
      ),
    },
    { name: 'No pool', show: () => <Pools pools={[]} /> },
    { name: 'A queue', show: () => <Queue queue={{ length: 3, limit: 20, oldest_seconds: 65 }} /> },
    { name: 'Nothing waits', show: () => <Queue queue={{ length: 0, limit: 20, oldest_seconds: null }} /> },
    {
      name: 'Failures',
      wide: true,
      show: () => <Failures failures={[failure, { ...failure, code: 'out_of_disk', at: at(-9_000) }]} />,
    },
    { name: 'No failure', show: () => <Failures failures={[]} /> },
  ],
};
