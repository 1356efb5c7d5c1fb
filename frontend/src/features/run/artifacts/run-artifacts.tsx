import { useQueries } from '@tanstack/react-query';

import type { Artifact, Run } from '@/lib/api';
import { plural } from '@/lib/format';
import { run as t } from '@/locales';

import { executionQuery } from '../queries';
import runClasses from '../run.module.css';
import { ArtifactRow } from './artifact-row';

/** The newest of each file that the run's cells left, as far as they have been fetched. */
export function RunArtifacts({ run }: { run: Run }) {
  // Reads what the cells fetch; asks for nothing itself.
  const results = useQueries({
    queries: run.executions.map(({ number }) => ({ ...executionQuery(run.id, number), enabled: false })),
  });
  const newest = new Map<string, Artifact>();
  for (const { data } of results) for (const artifact of data?.artifacts ?? []) newest.set(artifact.name, artifact);
  const list = [...newest.values()].sort((a, b) => a.name.localeCompare(b.name));
  if (!list.length) return null;
  return (
    <section>
      <h2 className={runClasses.sideTitle}>{plural(list.length, t.artifacts.one, t.artifacts.several)}</h2>
      {list.map((artifact) => (
        <ArtifactRow key={artifact.name} runId={run.id} artifact={artifact} />
      ))}
    </section>
  );
}
