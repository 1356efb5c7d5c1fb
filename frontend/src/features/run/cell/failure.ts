import type { Execution } from '@/lib/api';

import { outputOf, type ErrorOutput } from '../live/outputs';
import { failure, parseTraceback, sqlLine, type Frame } from '../traceback/parse';

/** Where a cell stopped: the line of its own code, what was said, and what the kernel counted the cell as. */
export interface Stop {
  line: number;
  message: string;
  /** Null where the kernel did not say. */
  cell: number | null;
}

export function stopOf(execution: Pick<Execution, 'outputs' | 'code' | 'language'>): Stop | null {
  const error = errorOf(execution.outputs);
  if (!error) return null;
  const traceback = parseTraceback(error.traceback, error.ename, error.evalue);
  const message = traceback.parts.at(-1)?.message ?? error.ename;
  const lines = execution.code?.split('\n').length ?? 0;
  const found = execution.language === 'sql' ? { cell: null, line: sqlLine(traceback.text) ?? 0 } : failure(traceback);
  return found && found.line >= 1 && found.line <= lines ? { ...found, message } : null;
}

/**
 * Where on the page the code of a frame stands. The kernel counts the cells that it ran, the platform those that were
 * asked for: the failed cell itself tells how far the two are apart.
 */
export function placeOf(
  { cell, line }: Pick<Frame, 'cell' | 'line'>,
  execution: Pick<Execution, 'number'>,
  stop: Stop | null,
): { number: number; line: number } | null {
  if (cell === null || line === null) return null;
  const apart = stop?.cell != null ? execution.number - stop.cell : 0;
  const number = cell + apart;
  return number >= 1 && number <= execution.number ? { number, line } : null;
}

function errorOf(outputs: readonly unknown[]): ErrorOutput | null {
  for (const value of outputs.toReversed()) {
    const output = outputOf(value);
    if (output?.output_type === 'error') return output;
  }
  return null;
}
