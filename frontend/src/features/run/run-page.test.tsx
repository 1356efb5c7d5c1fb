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
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { createQueryClient, type Execution, type Run } from '@/lib/api';
import { dateTime } from '@/lib/format';
import { meQuery, type Me } from '@/lib/session';

import { server } from '../../../tests/server';
import { RunPage } from './run-page';

const ID = '9194f012-4f44-475a-bda6-1e4e7f802cbd';
const ME = 'a0000000-0000-0000-0000-000000000001';

function aRun(over: Partial<Run> = {}): Run {
  return {
    id: ID,
    project: 'p',
    project_name: 'Penguins',
    owner: { id: ME, name: 'Ana' },
    state: 'ready',
    state_since: '2026-03-01T12:00:00Z',
    purpose: 'Count the penguins',
    requested_by: 'person',
    environment: { name: 'python', digest: 'sha256:00' },
    packages: [],
    closure: [],
    connectors: [],
    limits: { memory_bytes: 1 << 30 },
    files: [],
    decision: { id: null, outcome: 'allow', revision: 'r', reasons: [] },
    queue_position: null,
    executions: [],
    usage: { wall_seconds: null, cpu_seconds: null, peak_memory_bytes: null },
    sandbox: {},
    created_at: '2026-03-01T12:00:00Z',
    started_at: '2026-03-01T12:00:00Z',
    expires_at: null,
    deadline_at: null,
    ended_at: null,
    ending: null,
    ...over,
  };
}

function aCell(over: Partial<Execution> = {}): Execution {
  return {
    number: 1,
    language: 'python',
    code: 'print(1)\n1/0',
    origin: { kind: 'person', model: '', prompt: null, corrects: null },
    state: 'succeeded',
    outputs: [],
    truncated: false,
    artifacts: [],
    skipped_artifacts: [],
    usage: { wall_seconds: 1, cpu_seconds: 1, peak_memory_bytes: 1 << 20 },
    ending: null,
    release: null,
    receipt: null,
    created_at: '2026-03-01T12:00:00Z',
    started_at: '2026-03-01T12:00:00Z',
    ended_at: null,
    ...over,
  };
}

const printed = (text: string) => ({ output_type: 'stream', name: 'stdout', text });
const frame = (id: string, kind: string, data: unknown) =>
  `id: ${id}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
const output = (id: string, text: string) => frame(id, 'output', { number: 1, output: printed(text) });

/** What the platform answers, changed by tests as time goes on, and what each connection resumed after. */
const platform = { run: aRun(), cells: [aCell()], streams: [] as (() => Response)[], resumed: [] as (string | null)[] };

function stream(...frames: string[]): () => Response {
  return () => new HttpResponse(frames.join(''), { headers: { 'Content-Type': 'text/event-stream' } });
}

const silence = () => new HttpResponse(new ReadableStream(), { headers: { 'Content-Type': 'text/event-stream' } });

// jsdom lays nothing out; CodeMirror asks where text is all the same.
Object.assign(Range.prototype, { getClientRects: () => [] });

beforeEach(() => {
  vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined);
  sessionStorage.clear();
  Object.assign(platform, { run: aRun(), cells: [aCell()], streams: [], resumed: [] });
  server.use(
    http.get(`*/api/v1/runs/${ID}`, () => HttpResponse.json(platform.run)),
    http.get(`*/api/v1/runs/${ID}/executions/:number`, ({ params }) =>
      HttpResponse.json(platform.cells[Number(params.number) - 1]),
    ),
    http.get(`*/api/v1/runs/${ID}/events`, ({ request }) => {
      platform.resumed.push(request.headers.get('Last-Event-ID'));
      return (platform.streams[platform.resumed.length - 1] ?? silence)();
    }),
    http.get('*/healthz', () => HttpResponse.json({})),
  );
});

function show(): void {
  const client = createQueryClient(() => undefined);
  const me = { id: ME, username: 'ana', display_name: 'Ana', projects: [], platform_admin: false, session: null };
  client.setQueryData(meQuery.queryKey, me as unknown as Me);
  const root = createRootRoute({ component: Outlet });
  const signedIn = createRoute({ getParentRoute: () => root, id: 'signed-in', component: Outlet });
  const page = createRoute({ getParentRoute: () => signedIn, path: '/runs/$runId', component: RunPage });
  const router = createRouter({
    routeTree: root.addChildren([signedIn.addChildren([page])]),
    history: createMemoryHistory({ initialEntries: [`/runs/${ID}`] }),
  });
  render(
    <MantineProvider>
      <QueryClientProvider client={client}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

const cell = (number: number) => screen.findByRole('article', { name: `Cell ${number}` });

describe('a run that lives', () => {
  it('shows what is printed while it is printed, over a lost connection, each line once, and then the record', async () => {
    const running = { number: 1, language: 'python', state: 'running' as const };
    platform.run = aRun({ state: 'executing', executions: [running] });
    platform.cells = [aCell({ state: 'running' })];
    const second = Date.parse('2026-03-01T12:00:01Z');
    platform.streams = [
      stream(output(`${second}-0`, 'one\n'), output(`${second}-1`, 'two\n')),
      () => HttpResponse.error(),
      () => {
        platform.run = aRun({ executions: [{ ...running, state: 'succeeded' }] });
        platform.cells = [aCell({ outputs: [printed('one\ntwo\nthree\nfrom the record\n')] })];
        return stream(
          output(`${second}-1`, 'two\n'),
          output(`${second}-2`, 'three\n'),
          frame(`${second}-3`, 'execution', { number: 1, state: 'succeeded', ended_code: 'succeeded' }),
          frame(`${second}-4`, 'run', { state: 'ready', ended_code: '' }),
        )();
      },
    ];
    show();
    const shown = await cell(1);
    expect(await within(shown).findByText('two')).toBeVisible();
    expect(await within(shown).findByText('from the record', undefined, { timeout: 10_000 })).toBeVisible();
    expect(within(shown).getAllByText('two')).toHaveLength(1);
    // What was before the run's present state is on record; after that it goes on from the last event.
    const before = Date.parse('2026-03-01T11:59:00Z');
    expect(platform.resumed.slice(0, 3)).toEqual([`${before}-0`, `${second}-1`, `${second}-1`]);
  });

  it('adds a cell once, empties the editor, and shows a refusal beside the code that was refused', async () => {
    const asked: (string | null)[] = [];
    server.use(
      http.post(`*/api/v1/runs/${ID}/executions`, ({ request }) => {
        asked.push(request.headers.get('Idempotency-Key'));
        if (asked.length === 1) return HttpResponse.error();
        if (asked.length > 2) {
          const reasons = [{ code: 'code_too_long', message: 'Too long.', remedy: 'Write less.' }];
          const problem = { code: 'policy_denied', title: 'No', detail: 'No', status: 403, reasons, request_id: 'x' };
          return HttpResponse.json(problem, { status: 403 });
        }
        platform.run = aRun({ executions: [{ number: 1, language: 'python', state: 'succeeded' }] });
        return HttpResponse.json({ number: 1, state: 'queued' }, { status: 201 });
      }),
    );
    sessionStorage.setItem(`bailiwick.draft.${ID}`, JSON.stringify({ language: 'python', code: 'print(1)' }));
    show();
    const user = userEvent.setup();
    await screen.findByRole('textbox', undefined, { timeout: 10_000 });
    const press = () => user.click(screen.getByRole('button', { name: 'Run' }));
    await press();
    await screen.findByRole('alert');
    await press();
    expect(await cell(1)).toBeVisible();
    // Without an answer to the first, the second is the same wish.
    expect(asked[0]).toBe(asked[1]);
    await waitFor(() => expect(screen.getByRole('button', { name: 'Run' })).toBeDisabled());
  });
});

describe('what a run shows', () => {
  it('keeps hostile names, prompts and output as text', async () => {
    const hostile = '<img src=x onerror="document.title=1"> \u202etxt';
    platform.run = aRun({ purpose: hostile, executions: [{ number: 1, language: 'python', state: 'succeeded' }] });
    platform.cells = [
      aCell({
        code: hostile,
        origin: { kind: 'model', model: hostile, prompt: hostile, corrects: null },
        outputs: [
          printed(hostile),
          { output_type: 'execute_result', data: { 'text/html': hostile }, metadata: {}, execution_count: 1 },
          { output_type: 'error', ename: hostile, evalue: hostile, traceback: [hostile] },
        ],
        artifacts: [{ name: hostile, size: 1, sha256: '', media_type: 'text/html' }],
      }),
    ];
    show();
    const shown = await cell(1);
    await within(shown).findAllByText(/onerror/);
    expect(shown.querySelector('img')).toBeNull();
    expect(document.body.textContent).not.toContain('\u202e');
    const framed = shown.querySelector('iframe');
    expect(framed).toHaveAttribute('sandbox', '');
    expect(framed).toHaveAttribute('src', `/api/v1/runs/${ID}/executions/1/outputs/1?type=text%2Fhtml`);
  });

  it('says why outputs are withheld and what would pass', async () => {
    platform.run = aRun({ executions: [{ number: 1, language: 'python', state: 'succeeded' }] });
    const reasons = [{ code: 'release_too_large', message: 'Too much.', remedy: 'Aggregate.' }];
    platform.cells = [aCell({ code: null, release: { outcome: 'deny', decision: 'd', revision: 'r', reasons } })];
    show();
    const shown = await cell(1);
    expect(await within(shown).findByText('Policy withholds these outputs')).toBeVisible();
    expect(within(shown).getByText(/Aggregate\./)).toBeVisible();
  });

  it('marks the line that failed and leads to it', async () => {
    platform.run = aRun({ executions: [{ number: 1, language: 'python', state: 'failed' }] });
    const traceback = [
      'Cell In[1], line 2\n      1 print(1)\n----> 2 1/0\n',
      'File /opt/site/pandas/core/frame.py:9, in f()\n----> 9 x\n',
      'ZeroDivisionError: division by zero',
    ];
    platform.cells = [
      aCell({
        state: 'failed',
        outputs: [{ output_type: 'error', ename: 'ZeroDivisionError', evalue: '', traceback }],
      }),
    ];
    show();
    const shown = await cell(1);
    expect(await within(shown).findByLabelText('Line 2, where the cell failed')).toHaveTextContent('1/0');
    const folded = within(shown).getByRole('button', { name: '1 frame in pandas' });
    expect(folded).toHaveAttribute('aria-expanded', 'false');
    const scroll = vi.spyOn(Element.prototype, 'scrollIntoView');
    await userEvent.click(within(shown).getByRole('button', { name: 'Cell 1, line 2' }));
    expect(scroll).toHaveBeenCalledWith({ block: 'center', behavior: 'smooth' });
  });

  it('says why it ended, and offers no more code', async () => {
    const ending = { code: 'idle_exceeded', message: 'It was idle for 600 s.', remedy: 'Ask for more.' };
    platform.run = aRun({ state: 'expired', ended_at: '2026-03-01T12:10:00Z', ending });
    show();
    expect(await screen.findByText('It was idle for 600 s.')).toBeVisible();
    expect(screen.getByText('idle_exceeded')).toBeVisible();
    expect(screen.queryByRole('region', { name: 'Next cell' })).toBeNull();
    expect(platform.resumed).toEqual([]);
  });

  it('says what happens next and when the request lapses, while a reviewer has to look', async () => {
    const deadline = new Date(Date.now() + 7 * 86_400_000 + 60_000).toISOString();
    const reason = { code: 'package_needs_review', message: 'torch: after a look.', remedy: 'Wait, or do without it.' };
    const decision = { id: null, outcome: 'review', revision: 'r', reasons: [reason] };
    platform.run = aRun({ state: 'awaiting_approval', deadline_at: deadline, decision });
    show();
    const card = await screen.findByRole('region', { name: 'A reviewer has to approve this run' });
    expect(within(card).getByText(/^What happens next/).parentElement).toHaveTextContent(
      `Approved, the run starts by itself. If nobody has decided by ${dateTime(deadline)} (in 7 days), the request lapses.`,
    );
    expect(within(card).getByText('What you can do').parentElement).toHaveTextContent('Wait, or do without it.');
    expect(card).not.toHaveTextContent('What would pass');
    expect(within(card).getByRole('button', { name: 'Cancel the run' })).toBeVisible();
  });

  it('lets a colleague read, and says who writes', async () => {
    platform.run = aRun({ owner: { id: 'other', name: 'Ben' } });
    show();
    expect(await screen.findByText(/^Ben asked for this run/)).toBeVisible();
    expect(screen.queryByRole('region', { name: 'Next cell' })).toBeNull();
  });
});
