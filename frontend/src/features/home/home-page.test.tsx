import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { Suspense } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Run } from '@/lib/api';
import { listenForKeys } from '@/lib/commands';

import { showPage } from '../../../tests/page';
import { server } from '../../../tests/server';
import { HomePage } from './home-page';
import { runsSearch } from './search';

const PROJECT = '0b5c6a5e-1111-4222-8333-944444444444';
const me = {
  id: 'm',
  username: 'ann',
  display_name: '',
  projects: [{ id: PROJECT, name: 'Fraud', roles: ['analyst'] }],
  platform_admin: false,
  session: null,
};

function run(n: number, changes: Partial<Run> = {}): Run {
  return {
    id: `${n}`.padStart(8, '0') + '-1111-4222-8333-944444444444',
    project: PROJECT,
    project_name: 'Fraud',
    owner: { id: 'm', name: 'ann' },
    state: 'closed',
    purpose: `Purpose ${n}`,
    requested_by: 'person',
    environment: { name: 'python', digest: '' },
    packages: [],
    files: [],
    executions: [],
    decision: { id: null, outcome: 'allow', revision: '', reasons: [] },
    queue_position: null,
    created_at: '2026-01-01T00:00:00Z',
    started_at: null,
    ended_at: null,
    ending: null,
    ...changes,
  } as Run;
}

function platform(runs: (asked: URLSearchParams) => Run[], waiting: object[] = []) {
  const asked: string[] = [];
  server.use(
    http.get('*/api/v1/me', () => HttpResponse.json(me)),
    http.get('*/api/v1/runs', ({ request }) => {
      const { searchParams } = new URL(request.url);
      asked.push(decodeURIComponent(searchParams.toString()));
      return HttpResponse.json({ results: runs(searchParams), next: null, previous: null });
    }),
    http.get('*/api/v1/environments', () => HttpResponse.json({ results: [], next: null, previous: null })),
    http.get('*/api/v1/waiting', () => HttpResponse.json({ count: waiting.length, results: waiting })),
    http.get('*/api/v1/quota', () =>
      HttpResponse.json({
        quotas: [{ name: 'queue', scope: 'platform', title: 'Queue', used: 3, limit: 100, left: 97 }],
        file_max_bytes: 1024 ** 3,
      }),
    ),
  );
  return asked;
}

function Page() {
  return (
    <Suspense>
      <HomePage />
    </Suspense>
  );
}

const show = (address = '/') => showPage({ path: '/', component: Page, address, validateSearch: runsSearch });

// jsdom lays nothing out; rows are drawn where a window has room for them.
beforeEach(() => vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(54));

describe('HomePage', () => {
  it('tells a new person where to begin', async () => {
    platform(() => []);
    show();
    expect(await screen.findByText('Begin with a file')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Begin without a file' })).toHaveAttribute('href', '/runs/new');
  });

  it('shows runs, what waits, and what is left', async () => {
    const waits = {
      kind: 'failed',
      run: run(9, { state: 'failed' }),
      since: '2026-01-01T00:00:00Z',
      until: null,
      message: 'It failed.',
      remedy: '',
    };
    platform(() => [run(1, { state: 'queued', queue_position: 2 }), run(2)], [waits]);
    show();
    const list = await screen.findByRole('table', { name: 'Runs' });
    expect(within(list).getByRole('link', { name: 'Purpose 1' })).toHaveAttribute('href', `/runs/${run(1).id}`);
    expect(within(list).getByText('Number 2 in the queue')).toBeInTheDocument();
    expect(await screen.findByText('It failed.', { exact: false })).toBeInTheDocument();
    expect(await screen.findByRole('meter', { name: 'Queue' })).toHaveAttribute('aria-valuetext', '3 of 100');
  });

  it('asks for what the address says, and writes what is chosen into the address', async () => {
    const asked = platform(() => [run(1)]);
    const router = show('/?state=ready,failed&time=nonsense');
    await screen.findByRole('table', { name: 'Runs' });
    expect(asked[0]).toBe('owner=me&state=ready,failed&project=' + PROJECT + '&limit=50');
    const user = userEvent.setup();
    await user.type(screen.getByRole('searchbox'), 'refunds');
    await waitFor(() => expect(router.state.location.search).toMatchObject({ q: 'refunds', state: 'ready,failed' }));
    await user.click(screen.getByRole('button', { name: 'Clear filters' }));
    await waitFor(() => expect(router.state.location.searchStr).toBe(''));
    expect(screen.getByRole('searchbox')).toHaveValue('');
  });

  it('says that filters are what hides the runs', async () => {
    platform(() => []);
    show('/?q=nothing');
    expect(await screen.findByText('No run matches')).toBeVisible();
  });

  it('goes from run to run by keys, and opens one with Enter', async () => {
    platform(() => [run(1), run(2), run(3)]);
    const router = show();
    const stop = listenForKeys();
    await screen.findByRole('table', { name: 'Runs' });
    const user = userEvent.setup();
    await user.keyboard('j');
    expect(screen.getByRole('link', { name: 'Purpose 1' })).toHaveFocus();
    await user.keyboard('{ArrowDown}');
    await waitFor(() => expect(screen.getByRole('link', { name: 'Purpose 2' })).toHaveFocus());
    await user.keyboard('{Enter}');
    await waitFor(() => expect(router.state.location.pathname).toBe(`/runs/${run(2).id}`));
    stop();
  });
});
