import type { CheckedPackage, Limit, Preview } from '@/lib/api';
import { at, problem, reasons, Seeded, type Specimens } from '@/lib/specimens';

import { AnswerPanel } from './answer/answer-panel';
import type { Answer } from './answer/use-answer';
import { emptyDraft, type Draft } from './draft';
import { EnvironmentField } from './environment/environment-field';
import { AttachedRow, SendingRow, UnfinishedRow } from './files/file-rows';
import files from './files/files.module.css';
import type { Upload } from './files/uploads';
import { LimitsField } from './limits/limits-field';
import { PackagesField } from './packages/packages-field';
import { environmentsQuery, limitsQuery, packagesQuery } from './queries';

const nothing = () => undefined;
const LONG = 'Patientenbehandlungsdokumentationszusammenfassung_2026_endgültige-Fassung_v17.csv';

const checked = (asked: string, outcome: CheckedPackage['outcome'], index?: number): CheckedPackage => ({
  asked,
  name: asked.split('==')[0] ?? null,
  version: '1.0.0',
  outcome,
  reasons: index === undefined ? [] : reasons.slice(index, index + 1),
  image_version: asked.startsWith('pandas') ? '2.3.0' : null,
});
const packages = [
  checked('humanize==4.9.0', 'allow'),
  checked('pandas==2.3.0', 'allow'),
  checked('torch==2.5.1', 'review', 0),
  checked('evil==1.0.0', 'deny', 0),
];
const asked = packages.map((one) => one.asked);

const limits: Limit[] = [
  { name: 'cpu_cores', unit: 'cores', title: 'Processor cores', floor: 0.1, default: 1, ceiling: 2, model_ceiling: 1 },
  {
    name: 'memory_bytes',
    unit: 'bytes',
    title: 'Memory',
    floor: 1 << 26,
    default: 1 << 30,
    ceiling: 4 * (1 << 30),
    model_ceiling: 1 << 30,
  },
];
const draft: Draft = { ...emptyDraft('p1'), purpose: 'Body mass by island', packages: asked };
const changed: Draft = { ...draft, limits: { memory_bytes: 2 * (1 << 30) } };
const environment = {
  digest: `sha256:${'ab'.repeat(32)}`,
  platform: 'x86_64-manylinux_2_36',
  registered_at: at(-9_000),
};
const environments = [
  { ...environment, name: 'python', python_version: '3.11', languages: ['python', 'sql', 'bash'] },
  { ...environment, name: 'python-geo', python_version: '3.12', languages: ['python', 'r', 'javascript'] },
];

const upload: Upload = {
  key: 'u1',
  project: 'p1',
  file: new File(['x'.repeat(4_000)], LONG),
  state: 'sending',
  sent: 2_500,
  rate: 400,
  error: null,
};
const UPLOADS: Upload[] = [
  upload,
  { ...upload, key: 'u2', state: 'waiting', sent: 0, rate: 0 },
  { ...upload, key: 'u3', state: 'paused', rate: 0 },
  { ...upload, key: 'u4', state: 'checking', sent: 4_000, rate: 0 },
  { ...upload, key: 'u5', state: 'failed', error: problem(507, 'out_of_space', 'The store is full.') },
];

const preview = (outcome: Preview['outcome'], count: number): Preview => ({
  outcome,
  reasons: reasons.slice(0, count),
  revision: `sha256:${'ab'.repeat(32)}`,
  limits: { cpu_cores: 1, memory_bytes: 1 << 30 },
  closure: [],
});
const request: Answer['request'] = { project: 'p1', environment: 'python', purpose: draft.purpose };
const answer: Answer = { request, data: undefined, error: null, asking: false, askAgain: nothing };

function Panel({ of, refused }: { of: Partial<Answer>; refused?: unknown }) {
  const shown = { ...answer, ...of };
  return (
    <AnswerPanel
      draft={shown.request ? draft : emptyDraft(null)}
      answer={shown}
      refused={refused}
      asked="A run for “Body mass by island”"
      limits={limits}
      stepFor={() => null}
    >
      {null}
    </AnswerPanel>
  );
}

export const specimens: Specimens = {
  section: 'New run',
  cases: [
    {
      name: 'Files in each state',
      wide: true,
      show: () => (
        <ul className={files.list}>
          <AttachedRow
            file={{ id: 'f1', name: 'penguins.csv', size: 15_241 }}
            content={undefined}
            open={false}
            twice
            onRemove={nothing}
          />
          {UPLOADS.map((one) => (
            <SendingRow key={one.key} upload={one} twice={false} />
          ))}
          <UnfinishedRow file={{ name: 'wards.xlsx', size: 52_000_000 }} onGive={nothing} onRemove={nothing} />
        </ul>
      ),
    },
    {
      name: 'Packages: allowed, there already, after review, refused',
      wide: true,
      show: () => (
        <Seeded answers={[[packagesQuery('p1', 'python', asked).queryKey, packages]]}>
          <PackagesField draft={draft} projectName="Penguins" change={nothing} />
        </Seeded>
      ),
    },
    {
      name: 'Packages, unanswered',
      show: () => (
        <Seeded answers={[]}>
          <PackagesField draft={{ ...draft, packages: ['humanize==4.9.0'] }} projectName="Penguins" change={nothing} />
        </Seeded>
      ),
    },
    {
      name: 'Environments',
      wide: true,
      show: () => (
        <Seeded answers={[[environmentsQuery.queryKey, environments]]}>
          <EnvironmentField value="python" change={nothing} />
        </Seeded>
      ),
    },
    {
      name: 'No environment',
      show: () => (
        <Seeded answers={[[environmentsQuery.queryKey, []]]}>
          <EnvironmentField value="python" change={nothing} />
        </Seeded>
      ),
    },
    {
      name: 'Limits, one of them changed',
      wide: true,
      show: () => (
        <Seeded answers={[[limitsQuery.queryKey, limits]]}>
          <LimitsField draft={changed} change={nothing} />
        </Seeded>
      ),
    },
    { name: 'Nothing to answer yet', show: () => <Panel of={{ request: null }} /> },
    { name: 'The answer on its way', show: () => <Panel of={{ asking: true }} /> },
    { name: 'Allowed', show: () => <Panel of={{ data: preview('allow', 0) }} /> },
    { name: 'After review', show: () => <Panel of={{ data: preview('review', 1) }} /> },
    { name: 'Refused', show: () => <Panel of={{ data: preview('deny', 2) }} /> },
    {
      name: 'Refused in earnest',
      show: () => <Panel of={{}} refused={problem(429, 'queue_full', 'The queue is full.')} />,
    },
  ],
};
