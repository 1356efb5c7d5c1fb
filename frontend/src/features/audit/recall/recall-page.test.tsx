import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { me } from '@/lib/specimens';

import { showPage } from '../../../../tests/page';
import { server } from '../../../../tests/server';
import { aRecalled } from './recall.specimens';
import { RecallPage } from './recall-page';
import { recallSearch } from './search';

const CURRENT = { behind: 0, lag_seconds: 0 };
const PERSON = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
let asked: Record<string, string>[] = [];
let sheets: Record<string, string>[] = [];

interface Answered {
  roles?: string[];
  results?: unknown[];
  projection?: typeof CURRENT;
  next?: string | null;
}

function answers({ roles = ['auditor'], results = [], projection = CURRENT, next = null }: Answered = {}) {
  const projects = me.projects.map((project) => ({ ...project, roles }));
  server.use(
    http.get('*/api/v1/me', () => HttpResponse.json({ ...me, projects })),
    http.get('*/api/v1/audit/recall', ({ request }) => {
      const query = Object.fromEntries(new URL(request.url).searchParams);
      if (request.headers.get('Accept') === 'text/csv') {
        sheets.push(query);
        return new HttpResponse('project,run\r\n', { headers: { 'Content-Type': 'text/csv' } });
      }
      asked.push(query);
      const more = query.cursor === undefined ? next : null;
      const shown = query.cursor === undefined ? results : [aRecalled({ run: '3', why: ['the second page'] })];
      return HttpResponse.json({ results: shown, next: more, previous: null, projection });
    }),
  );
}

const refused = (status: number, code: string, detail: string) =>
  HttpResponse.json(
    { type: 'x', title: 'x', status, detail, code },
    { status, headers: { 'Content-Type': 'application/problem+json' } },
  );

const show = (address = '/audit/recall') =>
  showPage({ path: '/audit/recall', address, component: RecallPage, validateSearch: recallSearch });

const HUMANIZE = '/audit/recall?kind=package&what=humanize&below=%224.10%22&project=all';

beforeEach(() => {
  localStorage.clear();
  [asked, sheets] = [[], []];
});

describe('recall', () => {
  it('asks nothing before there is a question, and keeps that in the address', async () => {
    answers();
    const router = show();
    const user = userEvent.setup();
    expect(await screen.findByText('Nothing is asked yet')).toBeVisible();
    const form = within(screen.getByRole('form', { name: 'Recall runs' }));
    expect(form.getByRole('button', { name: 'Recall' })).toBeDisabled();
    expect(asked).toEqual([]);
    await user.type(form.getByLabelText('Name of the package'), ' humanize ');
    await user.type(form.getByLabelText('Below version'), '4.10');
    await user.selectOptions(form.getByLabelText('Project'), 'p2');
    await user.keyboard('{Enter}');
    await user.click(form.getByRole('button', { name: 'Recall' }));
    expect(await screen.findByRole('heading', { name: 'Runs that used humanize below 4.10' })).toBeVisible();
    expect(router.state.location.search).toEqual({
      kind: 'package',
      what: 'humanize',
      below: '4.10',
      project: 'p2',
    });
    expect(asked[0]).toEqual({ package: 'humanize', below: '4.10', project: 'p2', limit: '50' });
    expect(await screen.findByText('No run used it')).toBeVisible();
  });

  it('asks the same again when it is sent again, and goes back to the question before', async () => {
    answers();
    const router = show('/audit/recall?kind=image&what=ab12cd34ef56');
    const user = userEvent.setup();
    const field = await screen.findByLabelText('Digest of the image');
    await screen.findByText('No run used it');
    await user.type(field, '{Enter}');
    await expect.poll(() => asked).toHaveLength(2);
    await user.clear(field);
    await user.type(field, '99887766aabb{Enter}');
    await expect.poll(() => asked.at(-1)).toMatchObject({ image: '99887766aabb' });
    expect(field).toHaveFocus();
    router.history.back();
    await expect.poll(() => field).toHaveValue('ab12cd34ef56');
  });

  it.each([
    ['image', 'Digest of the image'],
    ['file', 'Id of the file'],
    ['revision', 'Digest of the policy revision'],
  ])('asks by %s, and by no version then', async (kind, label) => {
    answers();
    show(`/audit/recall?kind=${kind}&what=ab12cd34ef56&below=%224.10%22&project=all`);
    expect(await screen.findByLabelText(label)).toHaveValue('ab12cd34ef56');
    expect(screen.queryByLabelText('Below version')).toBeNull();
    await expect.poll(() => asked).toEqual([{ [kind]: 'ab12cd34ef56', limit: '50' }]);
  });

  it('shows runs with why, state and the way to them, page by page', async () => {
    const digest = `sha256:${'ab'.repeat(32)}`;
    const results = [
      aRecalled({ why: [`package humanize==4.9.0 in image ${digest}`] }),
      aRecalled({ run: '2', state: null, released: [], executions: [] }),
    ];
    answers({ results, next: 'beyond' });
    show(HUMANIZE);
    const link = await screen.findByRole('link', { name: '9194f012…' });
    expect(link).toHaveAttribute('href', '/runs/9194f012-4f44-475a-bda6-1e4e7f802cbd');
    const row = screen.getAllByRole('row')[1];
    expect(row).toHaveTextContent('package humanize==4.9.0 in image sha256:abababababab…');
    expect(row).toHaveTextContent('Penguins of the Palmer Archipelago · cells 1, 2');
    expect(row).toHaveTextContent('Closed');
    // Of a run that the person does not see the log still tells.
    expect(screen.getByRole('link', { name: '2' }).getAttribute('href')).toMatch(/^\/audit\?run=/);
    expect(screen.getByText('Not known')).toBeVisible();
    expect(await screen.findByText('the second page')).toBeVisible();
    expect(screen.getByText('3 runs. That is all.')).toBeVisible();
    expect(asked[1]).toMatchObject({ cursor: 'beyond', package: 'humanize' });
  });

  it('tells of each release what, to whom and when', async () => {
    answers({ results: [aRecalled({ released_more: true })] });
    show(HUMANIZE);
    const user = userEvent.setup();
    expect(await screen.findByText('A file as a download, Outputs to the console')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'more than 2 releases of run 9194f012…' }));
    const dialog = within(await screen.findByRole('dialog'));
    const [first] = dialog.getAllByRole('listitem');
    expect(first).toHaveTextContent('A file as a download');
    expect(first).toHaveTextContent('for person 9f86d081…');
    expect(dialog.getAllByTitle(PERSON)).toHaveLength(2);
    expect(dialog.getAllByRole('listitem')).toHaveLength(2);
    expect(dialog.getByText('The CSV has them all.')).toBeVisible();
  });

  it('says what an answer lacks while the search is behind the log, and asks again only when told to', async () => {
    answers({ projection: { behind: 3, lag_seconds: 95 } });
    show(HUMANIZE);
    expect(await screen.findByText('The log is ahead of this answer.')).toBeVisible();
    expect(screen.getByText(/Not searched yet: 3 entries/)).toBeVisible();
    expect(asked).toHaveLength(1);
    answers();
    await userEvent.click(screen.getByRole('button', { name: 'Ask again' }));
    await expect.poll(() => screen.queryByText('The log is ahead of this answer.')).toBeNull();
    expect(asked).toHaveLength(2);
  });

  it('gives all of it as CSV, or says why not', async () => {
    answers({ results: [aRecalled()] });
    const saved = vi.fn(() => 'blob:x');
    Object.assign(URL, { createObjectURL: saved, revokeObjectURL: vi.fn() });
    const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
    show(HUMANIZE);
    const button = await screen.findByRole('button', { name: 'Download CSV' });
    await expect.poll(() => button).toBeEnabled();
    await userEvent.click(button);
    await expect.poll(() => click.mock.instances.length).toBe(1);
    expect(sheets).toEqual([{ package: 'humanize', below: '4.10' }]);
    expect(click.mock.instances[0]).toHaveProperty('download', 'recall.csv');
    server.use(http.get('*/api/v1/audit/recall', () => refused(403, 'not_an_auditor', 'Only auditors ask that.')));
    await userEvent.click(button);
    expect(await screen.findByText('Only auditors ask that.')).toBeVisible();
    click.mockRestore();
  });

  it('says why a question has no answer', async () => {
    answers();
    server.use(http.get('*/api/v1/audit/recall', () => refused(400, 'invalid_image', 'image: must be hex digits.')));
    show('/audit/recall?kind=image&what=python');
    expect(await screen.findByText('image: must be hex digits.')).toBeVisible();
    expect(screen.queryByText('No run used it')).toBeNull();
  });

  it('is for nobody else', async () => {
    answers({ roles: ['analyst'] });
    show(HUMANIZE);
    expect(await screen.findByText('Nothing here for you')).toBeVisible();
    expect(screen.queryByRole('form')).toBeNull();
    expect(asked).toEqual([]);
  });
});

describe('an address', () => {
  it('is read as texts of known parts, and leaves out a version that may have been another', () => {
    expect(recallSearch({ kind: 'package', what: 'x', below: '4.10', project: 'p1', other: 1 })).toEqual({
      kind: 'package',
      what: 'x',
      below: '4.10',
      project: 'p1',
    });
    expect(recallSearch({ kind: 'constructor', what: 123456789012, below: 4.1, project: {} })).toEqual({
      kind: undefined,
      what: '123456789012',
      below: undefined,
      project: undefined,
    });
  });
});
