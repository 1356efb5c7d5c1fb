import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { Suspense } from 'react';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';

import type { RunRequestRequest } from '@/lib/api';

import { showPage } from '../../../tests/page';
import { server } from '../../../tests/server';
import { NewRunPage } from './new-run-page';
import { newRunSearch } from './search';

const PROJECT = '0b5c6a5e-1111-4222-8333-944444444444';
const RUN = '1b5c6a5e-1111-4222-8333-944444444444';
const GB = 1024 ** 3;
const me = {
  id: 'm',
  username: 'ann',
  display_name: '',
  projects: [{ id: PROJECT, name: 'Fraud', roles: ['analyst'] }],
  platform_admin: false,
  session: null,
};
const bounds = { floor: GB / 16, default: GB, ceiling: 4 * GB, model_ceiling: GB };
const limits = [{ name: 'memory_bytes', unit: 'bytes', title: 'Memory', ...bounds }];
const environment = {
  name: 'python',
  digest: 'sha256:0',
  python_version: '3.11',
  platform: 'x',
  languages: ['python'],
};

/** A platform whose policy refuses `requests` and more than 4 GB. */
function platform(roles = ['analyst']) {
  const asked: RunRequestRequest[] = [];
  const keys: (string | null)[] = [];
  const judge = (body: RunRequestRequest) => {
    const reasons = [];
    if (body.packages?.some((pin) => pin.startsWith('requests'))) {
      reasons.push({
        code: 'package_not_allowed',
        message: 'packages: "requests" is denied: no network',
        remedy: 'Do without.',
      });
    }
    const memory = body.limits?.memory_bytes ?? GB;
    if (memory > 4 * GB) {
      const message = `limits.memory_bytes: ${memory} is above the ceiling of ${4 * GB}`;
      reasons.push({ code: 'limit_above_ceiling', message, remedy: `Ask for ${4 * GB} or less.` });
    }
    return { outcome: reasons.length ? 'deny' : 'allow', reasons, revision: 'sha256:1', limits: {}, closure: [] };
  };
  server.use(
    http.get('*/api/v1/me', () => HttpResponse.json({ ...me, projects: [{ ...me.projects[0], roles }] })),
    http.get('*/api/v1/limits', () => HttpResponse.json({ limits })),
    http.get('*/api/v1/quota', () => HttpResponse.json({ quotas: [], file_max_bytes: GB })),
    http.get('*/api/v1/environments', () => HttpResponse.json({ results: [environment], next: null, previous: null })),
    http.post('*/api/v1/packages/check', async ({ request }) => {
      const { packages } = (await request.json()) as { packages: string[] };
      const checked = packages.map((pin) => {
        const { outcome, reasons } = judge({ packages: [pin] } as RunRequestRequest);
        return { asked: pin, name: pin.split('==')[0], version: '1', outcome, reasons, image_version: null };
      });
      return HttpResponse.json({ packages: checked });
    }),
    http.post('*/api/v1/runs/preview', async ({ request }) =>
      HttpResponse.json(judge((await request.json()) as RunRequestRequest)),
    ),
    http.post('*/api/v1/runs', async ({ request }) => {
      asked.push((await request.json()) as RunRequestRequest);
      keys.push(request.headers.get('Idempotency-Key'));
      return HttpResponse.json({ id: RUN }, { status: 201 });
    }),
  );
  return { asked, keys };
}

function Page() {
  return (
    <Suspense>
      <NewRunPage />
    </Suspense>
  );
}

const show = (address = '/runs/new') =>
  showPage({ path: '/runs/new', component: Page, address, validateSearch: newRunSearch });

// A text field that grows waits for fonts, of which jsdom has none.
Object.defineProperty(document, 'fonts', { value: new EventTarget(), configurable: true });
afterAll(() => Reflect.deleteProperty(document, 'fonts'));
beforeEach(() => sessionStorage.clear());

describe('NewRunPage', () => {
  it('answers while it is written, mends what is refused by its buttons, and asks in the end', async () => {
    const { asked, keys } = platform();
    const router = show();
    const user = userEvent.setup();
    await user.type(await screen.findByLabelText('Purpose'), 'Count refunds');
    await screen.findByText('Policy will allow this');

    await user.type(screen.getByLabelText('Add a package'), 'requests==1{Enter}humanize==4.9.0{Enter}');
    const memory = await screen.findByRole('textbox', { name: 'Memory' });
    await user.clear(memory);
    await user.type(memory, '9216');
    const panel = screen.getByRole('complementary', { name: 'What policy will say' });
    await within(panel).findByText('Policy will refuse this: 2 rules say no');
    expect(within(panel).getByText('Memory: 9 GB is above the ceiling of 4 GB')).toBeVisible();

    await user.click(within(panel).getByRole('button', { name: 'Remove requests==1' }));
    await user.click(within(panel).getByRole('button', { name: 'Memory: lower to 4 GB' }));
    await within(panel).findByText('Policy will allow this');
    await user.click(within(panel).getByRole('button', { name: 'Start run' }));
    await waitFor(() => expect(router.state.location.pathname).toBe(`/runs/${RUN}`));
    expect(asked).toEqual([
      {
        project: PROJECT,
        environment: 'python',
        purpose: 'Count refunds',
        packages: ['humanize==4.9.0'],
        connectors: [],
        limits: { memory_bytes: 4 * GB },
        files: [],
      },
    ]);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    // What was asked for is no draft any more.
    expect(sessionStorage.getItem('bailiwick.new-run') ?? '').not.toContain('Count refunds');
  });

  it('says of a package what policy says while it is typed', async () => {
    platform();
    show();
    const user = userEvent.setup();
    await user.type(await screen.findByLabelText('Add a package'), 'requests==1');
    expect(await screen.findByText('"requests" is denied: no network')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Copy a request for an exception' })).toBeVisible();
  });

  it('begins with the inputs of another run', async () => {
    platform();
    server.use(
      http.get(`*/api/v1/runs/${RUN}`, () =>
        HttpResponse.json({
          id: RUN,
          project: PROJECT,
          purpose: 'As before',
          environment,
          packages: ['humanize==4.9.0'],
          connectors: ['warehouse'],
          files: [{ id: 'f', name: 'sales.csv', size: 10 }],
          limits: { memory_bytes: 2 * GB },
        }),
      ),
    );
    show(`/runs/new?from=${RUN}`);
    expect(await screen.findByLabelText('Purpose')).toHaveValue('As before');
    expect(screen.getByText('sales.csv')).toBeVisible();
    expect(screen.getByText('humanize==4.9.0')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Remove warehouse' })).toBeVisible();
    expect(await screen.findByRole('textbox', { name: 'Memory' })).toHaveValue('2,048 MB');
  });

  it('finds again what was written before a reload', async () => {
    platform();
    const user = userEvent.setup();
    show();
    await user.type(await screen.findByLabelText('Purpose'), 'Half written');
    document.body.replaceChildren();
    show();
    expect(await screen.findByLabelText('Purpose')).toHaveValue('Half written');
    await user.click(screen.getByRole('button', { name: 'Start over' }));
    expect(screen.getByLabelText('Purpose')).toHaveValue('');
  });

  it('tells who may not ask for runs what to do', async () => {
    platform(['reviewer']);
    show();
    expect(await screen.findByText('No project to run in')).toBeVisible();
  });
});
