import { useInfiniteQuery } from '@tanstack/react-query';

import { runLooks } from '@/components/state-badge';
import type { Run, RunStateEnum } from '@/lib/api';
import { aRun, at, reasons, Seeded, type Specimens } from '@/lib/specimens';

import { Filters } from './filters/filters';
import { environmentsQuery, quotaQuery, runsQuery, waitingQuery } from './queries';
import { QuotaCard } from './quota-card';
import { RunsTable } from './runs-table';
import { WaitingCard } from './waiting-card';
import { Welcome } from './welcome';

const nothing = () => undefined;
const LONG = 'Krankenhausaufnahmewiederholungswahrscheinlichkeitsberechnung für die Gesundheitsversorgungsforschung';
const ENDING = { code: 'sandbox_lost', message: 'The sandbox went away.', remedy: 'Run it again.' };

const STATES = Object.keys(runLooks) as RunStateEnum[];
const runs: Run[] = STATES.map((state, index) =>
  aRun({
    id: `${index}`.padStart(8, '0') + '-0000-4000-8000-000000000000',
    state,
    purpose: index % 5 === 1 ? LONG : `Body mass by island, attempt ${index + 1}`,
    requested_by: index % 4 === 2 ? 'model' : 'person',
    queue_position: state === 'queued' ? 3 : null,
    ending: state === 'failed' || state === 'lost' || state === 'expired' ? ENDING : null,
    decision: {
      id: null,
      outcome: 'deny',
      revision: '',
      reasons: state === 'denied' || state === 'awaiting_approval' ? reasons : [],
    },
    packages: index === 5 ? Array.from({ length: 40 }, (_, n) => `package-${n}==1.0.${n}`) : [],
    started_at: index < 5 ? null : at(-300 * index),
    ended_at: index < 7 ? null : at(-200 * index),
    created_at: at(-400 * index - 9),
  }),
);
const page = { pages: [{ results: runs, next: null, previous: null }], pageParams: [null] };
const waits = [runs[2], runs[5]].map((run) => ({
  run,
  reason: 'x',
  message: 'A reviewer has to approve it.',
  since: at(-312),
}));
const quota = {
  quotas: [
    { name: 'live', scope: 'person', title: 'Your runs that have not ended', used: 2, limit: null, left: null },
    { name: 'uploads', scope: 'person', title: 'Your unfinished uploads', used: 19, limit: 20, left: 1 },
    { name: 'sandboxes', scope: 'platform', title: 'Sandboxes that serve a run', used: 6, limit: 6, left: 0 },
  ],
  file_max_bytes: 1024 ** 3,
};

function Table({ many }: { many: boolean }) {
  const query = useInfiniteQuery({ ...runsQuery({}), enabled: false });
  return <RunsTable query={query} search={many ? { who: 'all' } : {}} onSearch={nothing} manyProjects={many} />;
}

export const specimens: Specimens = {
  section: 'Home',
  cases: [
    {
      name: 'A run in each state',
      wide: true,
      show: () => (
        <Seeded answers={[[runsQuery({}).queryKey, page]]}>
          <Table many={false} />
        </Seeded>
      ),
    },
    {
      name: 'Filters',
      wide: true,
      show: () => (
        <Seeded answers={[[environmentsQuery.queryKey, []]]}>
          <Filters
            search={{ q: 'island', state: 'ready,executing', time: 'week', who: 'all' }}
            project={null}
            projects={[]}
            onSearch={nothing}
          />
        </Seeded>
      ),
    },
    {
      name: 'What waits',
      show: () => (
        <Seeded answers={[[waitingQuery.queryKey, { count: 9, results: waits }]]}>
          <WaitingCard />
        </Seeded>
      ),
    },
    {
      name: 'What is left',
      show: () => (
        <Seeded answers={[[quotaQuery(null).queryKey, quota]]}>
          <QuotaCard project={null} />
        </Seeded>
      ),
    },
    {
      name: 'What is left, on its way',
      show: () => (
        <Seeded answers={[]}>
          <QuotaCard project={null} />
        </Seeded>
      ),
    },
    { name: 'The first time', wide: true, show: () => <Welcome onFiles={nothing} /> },
  ],
};
