import type { ExecutionStateEnum, RunStateEnum } from '@/lib/api';

const LIVE: ReadonlySet<RunStateEnum> = new Set([
  'requested',
  'awaiting_approval',
  'queued',
  'starting',
  'ready',
  'executing',
]);
const TAKES_CODE: ReadonlySet<RunStateEnum> = new Set([
  'awaiting_approval',
  'queued',
  'starting',
  'ready',
  'executing',
]);

/** Whether a run may still change. */
export function isLive(state: RunStateEnum): boolean {
  return LIVE.has(state);
}

/** Whether a sandbox serves the run. */
export function hasSandbox(state: RunStateEnum): boolean {
  return state === 'ready' || state === 'executing';
}

/** Whether a cell may be added: those added early run when the sandbox is there. */
export function takesCode(state: RunStateEnum): boolean {
  return TAKES_CODE.has(state);
}

/** Whether nothing more comes of an execution. */
export function isDone(state: ExecutionStateEnum): boolean {
  return state !== 'queued' && state !== 'running';
}

export const LANGUAGES = ['python', 'sql', 'bash'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What the platform calls a language, as one that the editor knows. */
export function languageOf(name: string): Language {
  return LANGUAGES.find((known) => known === name) ?? 'python';
}
