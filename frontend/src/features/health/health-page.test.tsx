import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';

import { createQueryClient, type Health } from '@/lib/api';

import { server } from '../../../tests/server';
import { HealthPage } from './health-page';

const RUN = '0b5c6a5e-1111-4222-8333-944444444444';

function told(changes: Partial<Health> = {}): Health {
  return {
    at: '2026-01-01T00:00:10Z',
    parts: [
      {
        name: 'postgres',
        state: 'ok',
        since: '2026-01-01T00:00:00Z',
        latency_ms: 1.4,
        version: '18.6',
        message: '',
        detail: {},
      },
      {
        name: 'opa',
        state: 'down',
        since: '2026-01-01T00:00:00Z',
        latency_ms: 3000,
        version: '',
        message: 'Does not answer.',
        detail: {},
      },
      {
        name: 'newcomer',
        state: 'ok',
        since: '2026-01-01T00:00:00Z',
        latency_ms: 12,
        version: '',
        message: '',
        detail: { free_bytes: 2 * 1024 ** 3, processes: 2, not_enforced: ['disk'], riddle: 7 },
      },
    ],
    pools: [{ environment: 'python', warm: 2, claimed: 1, starting: 1, max: 8 }],
    queue: { length: 3, limit: 20, oldest_seconds: 65 },
    recent_failures: [
      {
        run: RUN,
        project: 'f',
        project_name: 'Fraud',
        code: 'worker_lost',
        message: 'The worker died.',
        at: '2026-01-01T00:00:00Z',
      },
    ],
    ...changes,
  };
}

function show() {
  const root = createRootRoute({ component: Outlet });
  const home = createRoute({ getParentRoute: () => root, path: '/', component: HealthPage });
  const run = createRoute({ getParentRoute: () => root, path: '/runs/$runId' });
  const router = createRouter({
    routeTree: root.addChildren([home, run]),
    history: createMemoryHistory({ initialEntries: ['/'] }),
  });
  render(
    <MantineProvider>
      <QueryClientProvider client={createQueryClient(() => undefined)}>
        {/* The console's own router knows more pages than these two. */}
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

describe('the health page', () => {
  it('shows every part by the name that people use, and one that it does not know by its own', async () => {
    server.use(http.get('*/api/v1/health', () => HttpResponse.json(told())));
    show();
    const parts = within(await screen.findByRole('table', { name: 'Parts' }));
    const texts = parts.getAllByRole('row').map((row) => row.textContent);
    expect(texts[1]).toMatch(/^Database.*Works.*1 ms.*18\.6/);
    expect(texts[2]).toMatch(/^Policy engine.*Down.*3 s.*Does not answer\./);
    expect(texts[3]).toMatch(/^newcomer.*Works.*2 GB free · 2 processes · not enforced: disk$/);
    expect(screen.getByText('Not well: Policy engine.')).toBeInTheDocument();
  });

  it('counts the sandboxes of each environment, and who waits', async () => {
    server.use(http.get('*/api/v1/health', () => HttpResponse.json(told())));
    show();
    expect(await screen.findByRole('meter', { name: 'Sandboxes of python' })).toHaveAttribute(
      'aria-valuetext',
      '4 of 8 places taken',
    );
    expect(screen.getByText('1 min 5 s')).toBeInTheDocument();
  });

  it('leads to the run of a failure', async () => {
    server.use(http.get('*/api/v1/health', () => HttpResponse.json(told())));
    show();
    const link = await screen.findByRole('link', { name: `Open run ${RUN}` });
    expect(link).toHaveAttribute('href', `/runs/${RUN}`);
    expect(screen.getByText('The worker died.')).toBeInTheDocument();
  });

  it('says so where nothing failed and no pool is known', async () => {
    const empty = told({ pools: [], recent_failures: [], queue: { length: 0, limit: 20, oldest_seconds: null } });
    server.use(http.get('*/api/v1/health', () => HttpResponse.json(empty)));
    show();
    expect(await screen.findByText('No run has failed recently')).toBeInTheDocument();
    expect(screen.getByText('No sandboxes')).toBeInTheDocument();
    expect(screen.getByText('Nothing waits.')).toBeInTheDocument();
  });

  it('explains a refusal and asks no more', async () => {
    let asked = 0;
    server.use(
      http.get('*/api/v1/health', () => {
        asked += 1;
        const problem = {
          type: 'urn:bailiwick:problem:not_platform_admin',
          title: 'Refused',
          status: 403,
          detail: 'Only platform admins see how the platform is.',
          code: 'not_platform_admin',
          remedy: 'Ask a platform admin.',
          request_id: 'r',
        };
        return HttpResponse.json(problem, { status: 403, headers: { 'Content-Type': 'application/problem+json' } });
      }),
    );
    show();
    expect(await screen.findByText('Only platform admins see how the platform is.')).toBeInTheDocument();
    expect(screen.getByText('Ask a platform admin.')).toBeInTheDocument();
    expect(screen.getByText('not_platform_admin')).toBeInTheDocument();
    expect(asked).toBe(1);
  });

  it('keeps what it knows when the next question gets no answer', async () => {
    let well = true;
    server.use(
      http.get('*/api/v1/health', () => {
        if (well) return HttpResponse.json(told());
        return HttpResponse.json({ code: 'not_found', detail: 'Gone.', status: 404 }, { status: 404 });
      }),
    );
    show();
    await screen.findByRole('table', { name: 'Parts' });
    well = false;
    await userEvent.click(screen.getByRole('button', { name: 'Ask now' }));
    expect(await screen.findByText('The last question got no answer.')).toBeInTheDocument();
    expect(screen.getByRole('table', { name: 'Parts' })).toBeInTheDocument();
  });
});
