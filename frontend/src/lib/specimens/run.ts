import type { Execution, Run } from '@/lib/api';

import { at, me } from './samples';

export function aRun(over: Partial<Run> = {}): Run {
  return {
    id: '9194f012-4f44-475a-bda6-1e4e7f802cbd',
    project: 'p1',
    project_name: 'Penguins of the Palmer Archipelago',
    owner: { id: me.id, name: 'Amira Haddad' },
    state: 'ready',
    state_since: at(-60),
    purpose: 'Body mass by island',
    requested_by: 'person',
    environment: { name: 'python', digest: `sha256:${'9ee08c0b9687c07f'.repeat(4)}` },
    packages: [],
    closure: [],
    connectors: [],
    limits: { memory_bytes: 1 << 30, wall_seconds: 60, idle_seconds: 900 },
    files: [],
    decision: {
      id: 'ecdc5523-0000-4000-8000-000000000000',
      outcome: 'allow',
      revision: `sha256:${'ab'.repeat(32)}`,
      reasons: [],
    },
    queue_position: null,
    executions: [],
    usage: { wall_seconds: 1.7, cpu_seconds: 1.2, peak_memory_bytes: 161 << 20 },
    sandbox: {},
    created_at: at(-312),
    started_at: at(-300),
    expires_at: at(3_300),
    deadline_at: at(840),
    ended_at: null,
    ending: null,
    ...over,
  };
}

export function aCell(over: Partial<Execution> = {}): Execution {
  return {
    number: 1,
    language: 'python',
    code: 'frame = load("penguins.csv")\nframe.groupby("island").mass.mean()',
    origin: { kind: 'person', model: '', prompt: null, corrects: null },
    state: 'succeeded',
    outputs: [],
    truncated: false,
    artifacts: [],
    skipped_artifacts: [],
    usage: { wall_seconds: 1.7, cpu_seconds: 1.2, peak_memory_bytes: 161 << 20 },
    ending: null,
    release: null,
    receipt: null,
    created_at: at(-40),
    started_at: at(-39),
    ended_at: at(-37),
    ...over,
  };
}
