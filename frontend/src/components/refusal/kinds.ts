import type { ProblemError } from '@/lib/api';
import type { Tone } from '@/lib/theme';

/** `signed_out` and `wait` are refusals that pass by themselves, or by a sign-in; a `fault` is nobody's decision. */
export type Kind = 'refusal' | 'signed_out' | 'absent' | 'wait' | 'fault';

export function kindOf({ status }: ProblemError): Kind {
  if (status === 401) return 'signed_out';
  if (status === 404) return 'absent';
  if (status === 429) return 'wait';
  if (status >= 400 && status < 500) return 'refusal';
  return 'fault';
}

export const toneOf: Record<Kind, Tone> = {
  refusal: 'refusal',
  signed_out: 'wait',
  absent: 'quiet',
  wait: 'wait',
  fault: 'bad',
};
