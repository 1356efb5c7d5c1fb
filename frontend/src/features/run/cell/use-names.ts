import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';

import type { Execution, Run } from '@/lib/api';

import type { Names } from '../editor/completion';
import { executionQuery } from '../queries';

interface Kept {
  of: readonly unknown[];
  names: Names;
}

/** Finds the run's own names, anew only when its cells have changed. What it needs for that comes with the editor. */
export function useNames(run: Run): (find: (run: Run, executions: readonly Execution[]) => Names) => Names {
  const client = useQueryClient();
  const last = useRef<Kept>(null);
  return (find) => {
    const executions = run.executions
      .map(({ number }) => client.getQueryData(executionQuery(run.id, number).queryKey))
      .filter((one): one is Execution => one !== undefined);
    const of = [run.files, ...executions];
    const kept = last.current;
    if (kept?.of.length === of.length && of.every((one, at) => one === kept.of[at])) return kept.names;
    const made = { of, names: find(run, executions) };
    last.current = made;
    return made.names;
  };
}
