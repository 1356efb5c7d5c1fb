import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import type { EventEnum, Export } from '@/lib/api';
import { me } from '@/lib/specimens';

import { showPage } from '../../../../tests/page';
import { server } from '../../../../tests/server';
import { anExport } from './exports.specimens';
import { ExportsPage } from './exports-page';

let kept: Export[] = [];
let asked: unknown[] = [];

beforeEach(() => {
  localStorage.clear();
  kept = [];
  asked = [];
  server.use(
    http.get('*/api/v1/me', () => {
      const projects = me.projects.map((project, at) => ({ ...project, roles: at ? ['auditor'] : ['analyst'] }));
      return HttpResponse.json({ ...me, projects });
    }),
    http.get('*/api/v1/audit/exports', () => HttpResponse.json({ results: kept, next: null, previous: null })),
    http.post('*/api/v1/audit/exports', async ({ request }) => {
      asked.push(await request.json());
      kept = [anExport({ state: 'making', progress: 0.5, to: 10, sha256: null })];
      return HttpResponse.json(kept[0], { status: 201 });
    }),
  );
});

const show = () => showPage({ path: '/audit/exports', component: ExportsPage });

describe('exports', () => {
  it('are asked for, watched while they are made, and taken away', async () => {
    show();
    expect(await screen.findByText('Nothing was exported yet')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Ask for the export' }));
    expect(await screen.findByRole('progressbar', { name: 'How much of it is made' })).toHaveAttribute('value', '0.5');
    expect(asked).toEqual([
      { project: 'p2', from: 0, to: null, filter: {}, views: ['html', 'csv', 'ocsf'], blobs: false },
    ]);
    kept = [anExport()];
    const link = await screen.findByRole('link', { name: 'Download the bundle: 0 to 1,233' });
    expect(link).toHaveAttribute('href', `/api/v1/audit/exports/${anExport().id}/download`);
  });

  it('may be of some entries', async () => {
    show();
    const user = userEvent.setup();
    await user.click(await screen.findByRole('radio', { name: 'Some, by their index' }));
    await user.clear(screen.getByLabelText('First'));
    await user.type(screen.getByLabelText('First'), '5');
    await user.type(screen.getByLabelText('Last'), '9');
    await user.click(screen.getByRole('checkbox', { name: /^OCSF/ }));
    await user.click(screen.getByRole('button', { name: 'Ask for the export' }));
    await screen.findByRole('progressbar');
    expect(asked).toMatchObject([{ project: 'p2', from: 5, to: 10, views: ['html', 'csv'] }]);
  });

  it('may be opened for some kinds of events alone, which the history tells', async () => {
    show();
    const user = userEvent.setup();
    const group = await screen.findByRole('group', { name: 'Which kinds are opened and shown' });
    await user.click(within(group).getByRole('button', { name: 'What' }));
    await user.click(await screen.findByRole('menuitemcheckbox', { name: 'Policy decided' }));
    expect(within(group).getByRole('button', { name: 'What: Policy decided', hidden: true })).toBeVisible();
    await user.click(screen.getByRole('menuitemcheckbox', { name: 'Run denied' }));
    await user.click(screen.getByRole('menuitemcheckbox', { name: 'Role given' }));
    await user.click(screen.getByRole('menuitemcheckbox', { name: 'Run denied' }));
    expect(screen.getByRole('menuitemcheckbox', { name: 'Policy decided' })).toBeChecked();
    await user.keyboard('{Escape}');
    expect(within(group).getByText('Policy decided, Role given')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Ask for the export' }));
    const events: EventEnum[] = ['policy:decision:recorded', 'identity:member:added'];
    await expect.poll(() => asked).toMatchObject([{ filter: { events } }]);
    kept = [anExport({ filter: { since: null, until: null, events } })];
    expect(await screen.findByText('opened: 2 kinds')).toBeVisible();
  });

  it('are of all kinds again when anything is picked', async () => {
    show();
    const user = userEvent.setup();
    await user.click(await screen.findByRole('button', { name: 'What' }));
    await user.click(await screen.findByRole('menuitemcheckbox', { name: 'Policy decided' }));
    await user.click(screen.getByRole('menuitemradio', { name: 'Anything' }));
    await user.click(screen.getByRole('button', { name: 'Ask for the export' }));
    await expect.poll(() => asked).toMatchObject([{ filter: {} }]);
    expect(asked).not.toMatchObject([{ filter: { events: [] } }]);
  });

  it('say why one is not to be had', async () => {
    server.use(
      http.post('*/api/v1/audit/exports', () =>
        HttpResponse.json(
          { type: 'x', title: 'x', status: 409, detail: 'Another export is being made.', code: 'export_under_way' },
          { status: 409, headers: { 'Content-Type': 'application/problem+json' } },
        ),
      ),
    );
    show();
    await userEvent.click(await screen.findByRole('button', { name: 'Ask for the export' }));
    expect(await screen.findByText('Another export is being made.')).toBeVisible();
  });

  it('that failed say so, and are not to be taken', async () => {
    kept = [anExport({ state: 'failed', failure: 'internal_error', sha256: null, size: null })];
    show();
    expect(await screen.findByText('internal_error')).toBeVisible();
    expect(screen.queryByRole('link', { name: /Download/ })).toBeNull();
  });
});
