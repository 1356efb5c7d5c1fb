import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';

import type { Token } from '@/lib/api';

import { server } from '../../../tests/server';
import { showPage } from '../../../tests/page';
import { Security } from './security';
import { Tokens } from './tokens';
import { browserName } from './user-agent';

const AT = '*/_allauth/browser/v1';

describe('Tokens', () => {
  const token: Token = {
    id: 't1',
    kind: 'person',
    name: 'report',
    model_name: '',
    prefix: 'abcd',
    created_at: '2026-01-01T00:00:00Z',
    expires_at: '2999-01-01T00:00:00Z',
    revoked_at: null,
    last_used_at: null,
  };

  function served(...tokens: Token[]) {
    server.use(http.get('*/api/v1/tokens', () => HttpResponse.json({ results: tokens, next: null, previous: null })));
  }

  it('says what a token is for where there is none', async () => {
    served();
    showPage({ path: '/', component: Tokens });
    expect(await screen.findByText('No tokens yet')).toBeVisible();
  });

  it('shows a new one once, and asks what a model is called', async () => {
    served();
    const wishes: unknown[] = [];
    server.use(
      http.post('*/api/v1/tokens', async ({ request }) => {
        wishes.push(await request.json());
        return HttpResponse.json({ ...token, token: 'secret-of-the-token' }, { status: 201 });
      }),
    );
    showPage({ path: '/', component: Tokens });
    await userEvent.click(await screen.findByRole('button', { name: 'New token' }));
    await userEvent.type(await screen.findByLabelText('Name'), 'assistant');
    await userEvent.click(screen.getByRole('radio', { name: /A language model/ }));
    await userEvent.type(screen.getByLabelText('Model'), 'm-1');
    await userEvent.click(screen.getByRole('button', { name: 'Create token' }));
    expect(await screen.findByText('secret-of-the-token')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'I copied it' }));
    expect(screen.queryByText('secret-of-the-token')).toBeNull();
    expect(wishes).toEqual([{ kind: 'model', name: 'assistant', model_name: 'm-1', expires_in_seconds: 2_592_000 }]);
  });

  it('asks before one is revoked, and offers nothing for one that is over', async () => {
    served(token, { ...token, id: 't2', name: 'old', revoked_at: '2026-01-02T00:00:00Z' });
    const revoked: string[] = [];
    server.use(
      http.post('*/api/v1/tokens/:id/revoke', ({ params }) => {
        revoked.push(String(params.id));
        return HttpResponse.json({ ...token, revoked_at: '2026-01-02T00:00:00Z' });
      }),
    );
    showPage({ path: '/', component: Tokens });
    await userEvent.click(await screen.findByRole('button', { name: 'Revoke report' }));
    expect(screen.queryByRole('button', { name: 'Revoke old' })).toBeNull();
    const dialog = await screen.findByRole('dialog', { name: 'Revoke “report”?' });
    await userEvent.click(within(dialog).getByRole('button', { name: 'Revoke' }));
    await expect.poll(() => revoked).toEqual(['t1']);
  });
});

describe('Security', () => {
  it('asks who it is, and then does what was asked for', async () => {
    let proven = false;
    const codes: unknown[] = [];
    server.use(
      http.get(`${AT}/account/authenticators`, () => HttpResponse.json({ status: 200, data: [] })),
      http.get(`${AT}/account/authenticators/totp`, () =>
        HttpResponse.json(
          { status: 404, meta: { secret: 'JBSWY3DPEHPK3PXP', totp_url: 'otpauth://totp/x' } },
          { status: 404 },
        ),
      ),
      http.post(`${AT}/account/authenticators/totp`, async ({ request }) => {
        if (!proven) {
          const data = { flows: [{ id: 'reauthenticate' }] };
          return HttpResponse.json({ status: 401, data, meta: { is_authenticated: true } }, { status: 401 });
        }
        codes.push(await request.json());
        return HttpResponse.json({ status: 200, data: { type: 'totp', created_at: 1, last_used_at: null } });
      }),
      http.post(`${AT}/auth/reauthenticate`, async ({ request }) => {
        const { password } = (await request.json()) as { password: string };
        proven = password === 'right';
        const errors = [{ code: 'incorrect_password', message: 'Wrong.', param: 'password' }];
        return proven
          ? HttpResponse.json({ status: 200, data: {}, meta: { is_authenticated: true } })
          : HttpResponse.json({ status: 400, errors }, { status: 400 });
      }),
    );
    showPage({ path: '/', component: Security });
    await userEvent.click(await screen.findByRole('button', { name: 'Set up' }));
    expect(await screen.findByText('JBSW Y3DP EHPK 3PXP')).toBeVisible();
    await userEvent.type(screen.getByLabelText('Code from the app'), '123 456{Enter}');
    const dialog = await screen.findByRole('dialog', { name: 'Is it still you?' });
    const password = within(dialog).getByLabelText('Password');
    await userEvent.type(password, 'wrong{Enter}');
    expect(await within(dialog).findByText('This is not your password.')).toBeVisible();
    await userEvent.clear(password);
    await userEvent.type(password, 'right{Enter}');
    await expect.poll(() => codes).toEqual([{ code: '123456' }]);
    await expect.poll(() => screen.queryByText('JBSW Y3DP EHPK 3PXP')).toBeNull();
  });
});

describe('browserName', () => {
  it.each([
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
      'Chrome on Linux',
    ],
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge on Windows'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1', 'Safari on iOS'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 15.0; rv:143.0) Gecko/20100101 Firefox/143.0', 'Firefox on macOS'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['', 'Unknown browser'],
  ])('%s', (userAgent, name) => expect(browserName(userAgent)).toBe(name));
});
