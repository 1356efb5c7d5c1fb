import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { server } from '../../../tests/server';
import { showPage } from '../../../tests/page';
import { expiry } from './guard';
import { isOwnPath, signInSearch } from './search';
import { SignInForm } from './sign-in-form';

const AT = '*/_allauth/browser/v1';
const signedOut = { status: 401, data: { flows: [{ id: 'login' }] }, meta: { is_authenticated: false } };
const factorMissing = {
  status: 401,
  data: { flows: [{ id: 'mfa_authenticate', is_pending: true, types: ['totp', 'recovery_codes'] }] },
  meta: { is_authenticated: false },
};
const signedIn = { status: 200, data: { user: {} }, meta: { is_authenticated: true } };

function config(providers: object[] = []) {
  return {
    status: 200,
    data: {
      account: { login_methods: ['username'] },
      socialaccount: { providers },
      mfa: { supported_types: ['totp', 'webauthn'], passkey_login_enabled: true },
    },
  };
}

beforeEach(() => {
  document.cookie = 'csrftoken=abc123';
  server.use(
    http.get(`${AT}/config`, () => HttpResponse.json(config())),
    http.get(`${AT}/auth/session`, () => HttpResponse.json(signedOut, { status: 401 })),
  );
});

function show() {
  const onDone = vi.fn();
  showPage({ path: '/', component: () => <SignInForm callback="/sign-in?to=%2Fx" onDone={onDone} /> });
  return onDone;
}

async function give(password: string) {
  await userEvent.type(await screen.findByLabelText('User name'), 'amira');
  await userEvent.type(screen.getByLabelText('Password'), password);
  await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
}

describe('SignInForm', () => {
  it('signs in by name and password, without what was typed around the name', async () => {
    const given = vi.fn();
    server.use(
      http.post(`${AT}/auth/login`, async ({ request }) => {
        given(await request.json(), request.headers.get('X-CSRFToken'));
        return HttpResponse.json(signedIn);
      }),
    );
    const onDone = show();
    await userEvent.type(await screen.findByLabelText('User name'), ' ');
    await give(' pass word ');
    await expect.poll(() => onDone.mock.calls.length).toBe(1);
    expect(given).toHaveBeenCalledWith({ username: 'amira', password: ' pass word ' }, 'abc123');
  });

  it('says at the field what was wrong, in our words', async () => {
    const errors = [{ code: 'username_password_mismatch', message: 'English of elsewhere', param: 'password' }];
    server.use(http.post(`${AT}/auth/login`, () => HttpResponse.json({ status: 400, errors }, { status: 400 })));
    const onDone = show();
    await give('wrong');
    expect(await screen.findAllByText('Name and password do not belong together.')).toHaveLength(1);
    expect(screen.getByLabelText('Password')).toHaveAttribute('aria-invalid', 'true');
    expect(onDone).not.toHaveBeenCalled();
  });

  it('asks for the second proof, and takes a recovery code in its place', async () => {
    const codes: unknown[] = [];
    server.use(
      http.post(`${AT}/auth/login`, () => HttpResponse.json(factorMissing, { status: 401 })),
      http.post(`${AT}/auth/2fa/authenticate`, async ({ request }) => {
        codes.push(await request.json());
        return HttpResponse.json(signedIn);
      }),
    );
    const onDone = show();
    await give('right');
    expect(await screen.findByLabelText('Code from your authenticator app')).toHaveFocus();
    await userEvent.click(screen.getByRole('button', { name: 'Use a recovery code instead' }));
    await userEvent.type(screen.getByLabelText('Recovery code'), '12345 67890{Enter}');
    await expect.poll(() => onDone.mock.calls.length).toBe(1);
    expect(codes).toEqual([{ code: '1234567890' }]);
  });

  it('goes on where a sign-in stands, as after an identity provider', async () => {
    server.use(http.get(`${AT}/auth/session`, () => HttpResponse.json(factorMissing, { status: 401 })));
    show();
    expect(await screen.findByLabelText('Code from your authenticator app')).toBeVisible();
  });

  it('goes on at once where somebody is signed in, as after an identity provider', async () => {
    server.use(http.get(`${AT}/auth/session`, () => HttpResponse.json(signedIn)));
    const onDone = show();
    await expect.poll(() => onDone.mock.calls.length).toBe(1);
    expect(screen.queryByLabelText('Password')).toBeNull();
  });

  it('says how long to wait after too many tries', async () => {
    const problem = { status: 429, code: 'sign_in_throttled', detail: 'Too many tries that failed.', title: '' };
    server.use(
      http.post(`${AT}/auth/login`, () =>
        HttpResponse.json(problem, { status: 429, headers: { 'Retry-After': '90' } }),
      ),
    );
    show();
    await give('wrong');
    expect(await screen.findByText('Too many tries that failed.')).toBeVisible();
    expect(screen.getByRole('button', { name: /Try again in 1:(30|29)/ })).toBeDisabled();
  });

  it('leads to an identity provider by a form that the browser sends', async () => {
    server.use(http.get(`${AT}/config`, () => HttpResponse.json(config([{ id: 'oidc', name: 'Work', flows: [] }]))));
    show();
    const form = (await screen.findByRole('button', { name: 'Continue with Work' })).closest('form');
    expect(form?.getAttribute('action')).toBe('/_allauth/browser/v1/auth/provider/redirect');
    expect(Object.fromEntries(new FormData(form ?? undefined))).toEqual({
      provider: 'oidc',
      process: 'login',
      callback_url: `${window.location.origin}/sign-in?to=%2Fx`,
      csrfmiddlewaretoken: 'abc123',
    });
  });
});

describe('where a sign-in leads', () => {
  it.each([
    ['/runs/1?cell=2#x', true],
    ['/', true],
    ['//elsewhere.example/', false],
    ['/\\elsewhere.example', false],
    ['https://elsewhere.example/', false],
    ['javascript:alert(1)', false],
    ['/sign-in?to=/sign-in', false],
    ['', false],
  ])('%s: %s', (to, own) => expect(isOwnPath(to)).toBe(own));

  it('is dropped from the address when it is not ours', () => {
    expect(signInSearch({ to: '//elsewhere.example', error: 'x'.repeat(200) })).toEqual({ error: 'x'.repeat(100) });
    expect(signInSearch({ to: '/account', error: 3 })).toEqual({ to: '/account' });
  });
});

describe('expiry', () => {
  const session = { idle_expires_at: '2026-01-01T10:30:00Z', absolute_expires_at: '2026-01-01T18:00:00Z' };
  it('is for idleness first, and moves with every answer', () => {
    expect(expiry(session, -5)).toEqual({ at: Date.parse('2026-01-01T10:30:00Z'), kind: 'idle' });
    expect(expiry(session, 60_000)).toEqual({ at: Date.parse('2026-01-01T10:31:00Z'), kind: 'idle' });
  });
  it('is for age in the end', () => {
    expect(expiry(session, 10 * 3_600_000)).toEqual({ at: Date.parse('2026-01-01T18:00:00Z'), kind: 'absolute' });
  });
  it('is nothing where there is no session', () => expect(expiry(null, 0)).toBeNull());
});
