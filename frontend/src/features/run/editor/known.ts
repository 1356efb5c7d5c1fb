import type { Execution, Run } from '@/lib/api';

import { outputOf } from '../live/outputs';
import { viewsOf } from '../outputs/views';
import { languageOf } from '../states';
import type { Known } from './completion';

const columnsOfOutput = new WeakMap<object, readonly string[]>();

/** What the record of a run shows that code may name. */
export function knownOf(run: Run, executions: readonly Execution[]): Known {
  const columns = new Set<string>();
  const files = new Set(run.files.map((file) => file.name));
  for (const { outputs, artifacts } of executions) {
    for (const output of outputs) for (const name of columnsOf(output)) columns.add(name);
    for (const { name } of artifacts) files.add(`outputs/${name}`);
  }
  const cells = executions.flatMap(({ code, language }) =>
    code === null ? [] : [{ code, language: languageOf(language) }],
  );
  return { cells, columns: [...columns], files: [...files] };
}

function columnsOf(value: object): readonly string[] {
  const found = columnsOfOutput.get(value);
  if (found) return found;
  const output = outputOf(value);
  const rich = output && output.output_type !== 'stream' && output.output_type !== 'error' ? output : null;
  const names = (rich ? viewsOf(rich) : []).flatMap((view) =>
    view.kind === 'table' ? view.table.columns.map((column) => column.name) : [],
  );
  columnsOfOutput.set(value, names);
  return names;
}
