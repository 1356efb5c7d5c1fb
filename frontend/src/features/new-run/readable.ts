import { asProblem, ProblemError, type Limit, type Reason } from '@/lib/api';

import { shownLimit } from './limits/units';

/**
 * A reason about limits as people write them: policy speaks of `limits.memory_bytes` and of bytes, the form of memory
 * and of gigabytes. What is not about a limit stays as it is.
 */
export function readable(reason: Reason, limits: readonly Limit[]): Reason {
  const limit = limits.find(({ name }) => reason.message.startsWith(`limits.${name}: `));
  if (!limit) return { ...reason, message: named(reason.message, limits), remedy: named(reason.remedy, limits) };
  const figures = (text: string) => text.replace(/\d+(?:\.\d+)?/g, (digits) => shownLimit(limit, Number(digits)));
  const said = reason.message.slice(`limits.${limit.name}: `.length);
  return { ...reason, message: `${limit.title}: ${figures(said)}`, remedy: figures(reason.remedy) };
}

/** The same for every reason of a refusal. */
export function readableError(error: unknown, limits: readonly Limit[]): ProblemError {
  const problem = asProblem(error);
  if (!problem.reasons.length) return problem;
  const reasons = problem.reasons.map((reason) => readable(reason, limits));
  return new ProblemError({ ...problem.problem, reasons }, problem.retryAfterSeconds);
}

function named(text: string, limits: readonly Limit[]): string {
  return limits.reduce((said, { name, title }) => said.replaceAll(`limits.${name}`, `“${title}”`), text);
}
