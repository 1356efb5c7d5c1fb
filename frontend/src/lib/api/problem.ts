import { api as t } from '@/locales';

import type { Problem, Reason } from './schema';

export type { Problem, Reason };

/** A refusal or a fault that the platform answered, or the absence of an answer. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  /** How long the platform asks to wait before the next try. */
  readonly retryAfterSeconds: number | null;

  constructor(problem: Problem, retryAfterSeconds: number | null = null) {
    super(problem.detail);
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get code(): string {
    return this.problem.code;
  }

  /** 0 when nothing answered. */
  get status(): number {
    return this.problem.status;
  }

  get reasons(): Reason[] {
    return this.problem.reasons ?? [];
  }
}

/** Codes of the problems that the console finds itself. */
export const UNREACHABLE = 'unreachable';
export const UNREADABLE = 'unreadable';

/** The problem of a request that nothing answered. */
export function unreachable(): ProblemError {
  return made(UNREACHABLE, 0, t.unreachable.title, t.unreachable.detail, t.unreachable.remedy);
}

/** The problem that a response carries; one of its own making when the body is not problem+json, as from a proxy. */
export function problemOf(body: unknown, response: Response): ProblemError {
  const retryAfter = seconds(response.headers.get('Retry-After'));
  if (isProblem(body)) return new ProblemError(body, retryAfter);
  const detail = t.unreadable.detail({ status: response.status });
  return made(UNREADABLE, response.status, t.unreadable.title, detail, t.unreadable.remedy, retryAfter);
}

/** Any thrown value as something to show: a problem as it is, anything else as a fault of the console. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  return made('console_fault', 0, t.fault.title, t.fault.detail, t.fault.remedy);
}

function made(
  code: string,
  status: number,
  title: string,
  detail: string,
  remedy: string,
  retryAfter: number | null = null,
): ProblemError {
  const type = `urn:bailiwick:problem:${code}`;
  return new ProblemError({ type, title, status, detail, code, remedy, request_id: '' }, retryAfter);
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  const { code, detail, status } = body as Record<string, unknown>;
  return typeof code === 'string' && typeof detail === 'string' && typeof status === 'number';
}

function seconds(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : null;
}
