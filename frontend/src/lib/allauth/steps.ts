import type { Answer } from './client';

/** Ways to prove a second time who one is. */
export type Factor = 'totp' | 'recovery_codes' | 'webauthn';

/** What stands between the person and being signed in. */
export type Step = { kind: 'password' } | { kind: 'factor'; factors: Factor[] } | { kind: 'done' };

/** What to ask for after an answer of the sign-in doors. */
export function nextStep({ status, meta, flows }: Answer): Step {
  // 409 answers who is signed in already.
  if (status === 409 || (status === 200 && meta.is_authenticated !== false)) return { kind: 'done' };
  const pending = flows.find((flow) => flow.id === 'mfa_authenticate' && flow.is_pending);
  return pending ? { kind: 'factor', factors: factors(pending.types) } : { kind: 'password' };
}

/** What proves anew who asks, before something that needs it; null when the answer asks for nothing. */
export function reauthentication({ status, flows }: Answer): { password: boolean; factors: Factor[] } | null {
  if (status !== 401) return null;
  const password = flows.some((flow) => flow.id === 'reauthenticate');
  const second = flows.find((flow) => flow.id === 'mfa_reauthenticate');
  return password || second ? { password, factors: factors(second?.types) } : null;
}

function factors(types: readonly string[] = []): Factor[] {
  const known: readonly Factor[] = ['webauthn', 'totp', 'recovery_codes'];
  return known.filter((factor) => types.includes(factor));
}
