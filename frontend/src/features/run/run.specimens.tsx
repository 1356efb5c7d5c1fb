import type { Execution, Run } from '@/lib/api';
import { aCell, aRun, at, reasons, Seeded, type Specimens } from '@/lib/specimens';

import { Cell, type CellActions } from './cell/cell';
import { Composer } from './cell/composer';
import { Facts } from './facts/facts';
import { Left } from './facts/left';
import { executionQuery } from './queries';
import { Standing } from './standing';

const actions: CellActions = { edit: () => undefined, jump: () => undefined, interrupt: () => undefined };
const ending = (code: string, message: string, remedy = '') => ({ code, message, remedy });
const release = (outcome: string) => ({ outcome, decision: 'd', revision: `sha256:${'ab'.repeat(32)}`, reasons });
const IN_TIME = { wall_seconds: null, cpu_seconds: null, peak_memory_bytes: null };
const LIMIT = 'The cell used all the memory that the run may have.';

const CELLS: Record<string, Partial<Execution>> = {
  Queued: { state: 'queued', started_at: null, ended_at: null, usage: IN_TIME },
  Running: { state: 'running', ended_at: null, usage: IN_TIME },
  Succeeded: {},
  Failed: { state: 'failed', ending: ending('code_failed', 'The code raised KeyError.') },
  'Timed out': { state: 'timed_out', ending: ending('timed_out', 'The cell reached its 60 seconds.', 'Ask for more.') },
  'Out of memory': { state: 'out_of_memory', ending: ending('out_of_memory', LIMIT, 'Ask for more.') },
  Interrupted: { state: 'interrupted', ending: ending('interrupted', 'Amira Haddad interrupted it.') },
  Lost: { state: 'lost', ending: ending('worker_lost', 'The worker died while the cell ran.', 'Run it again.') },
  'By a model, correcting an attempt': {
    origin: { kind: 'model', model: 'model-9', prompt: 'Count the penguins by island.', corrects: 1 },
  },
  'Code withheld': { code: null },
  'Output cut': {
    truncated: true,
    artifacts: [{ name: 'output-1.txt', size: 52_000_000, sha256: '', media_type: 'text/plain' }],
  },
  'Output after review': { release: release('review') },
  'Output refused': { release: release('deny') },
};

function One({ of, number = 1, run = aRun() }: { of: Partial<Execution>; number?: number; run?: Run }) {
  const cell = aCell({ number, ...of });
  return (
    <Seeded answers={[[executionQuery(run.id, number).queryKey, cell]]}>
      <Cell run={run} summary={cell} eager pointed={null} mayInterrupt={cell.state === 'running'} actions={actions} />
    </Seeded>
  );
}

const full = aRun({
  packages: Array.from({ length: 40 }, (_, n) => `package-${n}==1.0.${n}`),
  files: [
    {
      id: 'f1',
      name: 'Patientenbehandlungsdokumentationszusammenfassung_2026.csv',
      size: 15_241,
      sha256: '',
      created_at: at(-400),
    },
  ],
});
const NEEDS_REVIEW = {
  code: 'package_needs_review',
  message: 'packages: "torch" is allowed after people have looked at why it is needed',
  remedy: 'Wait for a reviewer, or do without the package.',
};
const STANDINGS: Record<string, Partial<Run>> = {
  Queued: { state: 'queued', queue_position: 3 },
  Starting: { state: 'starting' },
  Closed: { state: 'closed' },
  Lost: { state: 'lost', ending: ending('worker_lost', 'The worker died.', 'Run it again.') },
  Expired: { state: 'expired', ending: ending('life_over', 'The run reached the end of its life.') },
  Denied: { state: 'denied', decision: { id: null, outcome: 'deny', revision: 'sha256:ab', reasons } },
  'Waits for approval': {
    state: 'awaiting_approval',
    deadline_at: at(7 * 86_400),
    decision: { id: null, outcome: 'review', revision: 'sha256:ab', reasons: [NEEDS_REVIEW] },
  },
};

export const specimens: Specimens = {
  section: 'Run',
  cases: [
    ...Object.entries(CELLS).map(([name, of]) => ({ name, wide: true, show: () => <One of={of} /> })),
    {
      name: 'A cell on its way',
      wide: true,
      show: () => (
        <Seeded answers={[]}>
          <Cell
            run={aRun()}
            summary={{ number: 1, language: 'python', state: 'succeeded' }}
            eager
            pointed={null}
            mayInterrupt={false}
            actions={actions}
          />
        </Seeded>
      ),
    },
    {
      name: 'The next cell',
      wide: true,
      show: () => (
        <Seeded answers={[]}>
          <Composer ref={null} run={aRun()} next={2} onAdded={() => undefined} onLeave={() => undefined} />
        </Seeded>
      ),
    },
    ...Object.entries(STANDINGS).map(([name, of]) => ({
      name: `Run: ${name.toLowerCase()}`,
      show: () => <Standing run={aRun(of)} onCancel={null} />,
    })),
    { name: 'What is left', show: () => <Left run={aRun()} runningSince={null} /> },
    {
      name: 'What is left while a cell runs',
      show: () => <Left run={aRun({ state: 'executing' })} runningSince={at(-20)} />,
    },
    { name: 'Facts', show: () => <Facts run={full} /> },
  ],
};
