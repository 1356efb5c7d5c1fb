import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import { me } from '@/lib/specimens';

import { showPage } from '../../../../tests/page';
import { server } from '../../../../tests/server';
import { anEntry } from '../audit.specimens';
import { auditSearch } from '../search';
import { EntriesPage } from './entries-page';

const RUN = '9194f012-4f44-475a-bda6-1e4e7f802cbd';
const auditor = { ...me, projects: me.projects.map((project) => ({ ...project, roles: ['auditor'] })) };
let asked: URLSearchParams[] = [];

function answers(results: unknown[]) {
  asked = [];
  server.use(
    http.get('*/api/v1/me', () => HttpResponse.json(auditor)),
    http.get('*/api/v1/audit/entries', ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ results, next: null, previous: null });
    }),
  );
}

const show = (address = '/audit') =>
  showPage({ path: '/audit', address, component: EntriesPage, validateSearch: auditSearch });

beforeEach(() => localStorage.clear());

describe('the entries of the log', () => {
  it('asks for what the address says', async () => {
    answers([]);
    show(`/audit?event=runs:run:denied&project=p2&run=${RUN}&text=magpie&outcome=deny&package=x&since=2026-01-02`);
    expect(await screen.findByText('No entry matches')).toBeVisible();
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
      event: 'runs:run:denied',
      project: 'p2',
      text: 'magpie',
      outcome: 'deny',
      package: 'x',
      since: new Date(2026, 0, 2).toISOString(),
      run: RUN,
    });
  });

  it('keeps what is chosen in the address, and takes it out again', async () => {
    answers([]);
    const router = show();
    const user = userEvent.setup();
    await user.click(await screen.findByRole('button', { name: 'What' }));
    await user.click(await screen.findByRole('menuitemradio', { name: 'Policy decided' }));
    expect(router.state.location.search).toMatchObject({ event: 'policy:decision:recorded' });
    await user.click(screen.getByRole('button', { name: 'Exactly' }));
    await user.type(await screen.findByLabelText('Run'), `${RUN}{Enter}`);
    await expect.poll(() => router.state.location.search).toMatchObject({ run: RUN });
    const [clear] = screen.getAllByRole('button', { name: 'Clear filters' });
    if (clear) await user.click(clear);
    await expect.poll(() => router.state.location.search).toEqual({});
  });

  it('asks nothing by a kind that no log has', async () => {
    answers([]);
    show('/audit?event=no:such:event');
    await screen.findByText('No entry matches');
    expect(asked[0]?.has('event')).toBe(false);
  });

  it('says why where nothing may be seen', async () => {
    answers([]);
    server.use(
      http.get('*/api/v1/audit/entries', () =>
        HttpResponse.json(
          { type: 'x', title: 'x', status: 403, detail: 'Only auditors read the log.', code: 'not_an_auditor' },
          { status: 403, headers: { 'Content-Type': 'application/problem+json' } },
        ),
      ),
    );
    show();
    expect(await screen.findByText('Only auditors read the log.')).toBeVisible();
  });

  it('says that nothing is there yet where nothing is cut off', async () => {
    answers([]);
    show();
    expect(await screen.findByText('Nothing is recorded yet')).toBeVisible();
  });

  it('counts what there is', async () => {
    answers([anEntry({ id: '1' }), anEntry({ id: '2' })]);
    show();
    expect(await screen.findByText('2 entries. That is all.')).toBeVisible();
  });
});
