import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';

import { ProblemError } from '@/lib/api';

import { server } from '../../../tests/server';
import { allauth, nextStep, reauthentication, type Answer, type Flow } from '.';

function answered(status: number, flows: Flow[] = [], meta: Record<string, unknown> = {}): Answer {
  return { status, flows, meta, data: undefined, errors: [] };
}

describe('nextStep', () => {
  it.each<[string, Answer, ReturnType<typeof nextStep>]>([
    ['signed in', answered(200, [], { is_authenticated: true }), { kind: 'done' }],
    ['signed in before', answered(409), { kind: 'done' }],
    ['nothing yet', answered(401, [{ id: 'login' }], { is_authenticated: false }), { kind: 'password' }],
    [
      'the second proof is missing',
      answered(401, [
        { id: 'login' },
        { id: 'mfa_authenticate', is_pending: true, types: ['recovery_codes', 'totp', 'x'] },
      ]),
      { kind: 'factor', factors: ['totp', 'recovery_codes'] },
    ],
    ['a second proof that is not pending', answered(401, [{ id: 'mfa_authenticate' }]), { kind: 'password' }],
  ])('%s', (_name, given, expected) => expect(nextStep(given)).toEqual(expected));
});

describe('reauthentication', () => {
  it('is asked for by its flows alone', () => {
    expect(reauthentication(answered(401, [{ id: 'reauthenticate' }]))).toEqual({ password: true, factors: [] });
    expect(reauthentication(answered(401, [{ id: 'mfa_reauthenticate', types: ['webauthn'] }]))).toEqual({
      password: false,
      factors: ['webauthn'],
    });
    expect(reauthentication(answered(401, [{ id: 'login' }]))).toBeNull();
    expect(reauthentication(answered(200))).toBeNull();
  });
});

describe('allauth', () => {
  const PATH = '*/_allauth/browser/v1/auth/login';

  it('gives faulty fields as an answer', async () => {
    const errors = [{ code: 'required', message: 'Missing.', param: 'password' }];
    server.use(http.post(PATH, () => HttpResponse.json({ status: 400, errors }, { status: 400 })));
    await expect(allauth('POST', 'auth/login', {})).resolves.toMatchObject({ status: 400, errors });
  });

  it('throws what the platform refuses around the sign-in doors', async () => {
    const problem = { status: 429, code: 'sign_in_throttled', detail: 'Too many tries.', title: 'Too Many Requests' };
    server.use(http.post(PATH, () => HttpResponse.json(problem, { status: 429, headers: { 'Retry-After': '60' } })));
    const error: unknown = await allauth('POST', 'auth/login', {}).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ code: 'sign_in_throttled', retryAfterSeconds: 60 });
  });
});
