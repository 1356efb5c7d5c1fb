import { http, HttpResponse } from 'msw';
import { describe, expect, it, vi } from 'vitest';

import { server } from '../../../tests/server';

import { follow, isAfter, type StreamEvent, type StreamState } from '.';

const URL_ = `${window.location.origin}/api/v1/runs/1/events`;

function frame(id: string | null, kind: string, data: unknown): string {
  return `${id ? `id: ${id}\n` : ''}event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`;
}

function stream(...frames: string[]): HttpResponse<string> {
  return new HttpResponse(frames.join(''), { headers: { 'Content-Type': 'text/event-stream' } });
}

/** Answers one after another, and what each request asked to resume after. */
function answers(...given: (() => Response)[]): (string | null)[] {
  const resumed: (string | null)[] = [];
  server.use(
    http.get(URL_, ({ request }) => {
      resumed.push(request.headers.get('Last-Event-ID'));
      return (given[resumed.length - 1] ?? given.at(-1))?.() ?? HttpResponse.error();
    }),
    http.get('*/healthz', () => HttpResponse.json({})),
  );
  return resumed;
}

function watched(after?: string) {
  const events: StreamEvent[] = [];
  const states: StreamState[] = [];
  const refused = vi.fn();
  const stop = follow({
    url: URL_,
    ...(after ? { after } : {}),
    onEvents: (batch) => events.push(...batch),
    onState: (state) => states.push(state),
    onRefused: refused,
    isLast: (event) => event.kind === 'run' && (event.data as { state: string }).state === 'closed',
  });
  return { events, states, refused, stop };
}

const last = frame('9-0', 'run', { state: 'closed' });

describe('follow', () => {
  it('resumes after the last event and shows each once', async () => {
    const resumed = answers(
      () => stream(frame('1-0', 'output', 'a'), frame('1-1', 'output', 'b')),
      () => HttpResponse.error(),
      () => stream(frame('1-1', 'output', 'b'), frame('2-0', 'output', 'c'), last),
    );
    const { events, states, stop } = watched();
    await vi.waitFor(() => expect(states.at(-1)).toBe('ended'), 10_000);
    stop();
    expect(events.map((event) => event.data)).toEqual(['a', 'b', 'c', { state: 'closed' }]);
    expect(resumed).toEqual([null, '1-1', '1-1']);
  });

  it('begins where it is told to', async () => {
    const resumed = answers(() => stream(last));
    const { states } = watched('7-3');
    await vi.waitFor(() => expect(states.at(-1)).toBe('ended'));
    expect(resumed).toEqual(['7-3']);
  });

  it('passes events without an id every time', async () => {
    answers(
      () => stream(frame(null, 'run', { state: 'ready' })),
      () => stream(frame(null, 'run', { state: 'ready' }), last),
    );
    const { events, states } = watched();
    await vi.waitFor(() => expect(states.at(-1)).toBe('ended'), 10_000);
    expect(events).toHaveLength(3);
  });

  it('stops at a refusal and hands it over', async () => {
    const resumed = answers(() =>
      HttpResponse.json({ code: 'not_found', detail: 'Not here.', status: 404 }, { status: 404 }),
    );
    const { states, refused } = watched();
    await vi.waitFor(() => expect(states.at(-1)).toBe('refused'));
    expect(refused).toHaveBeenCalledWith(expect.objectContaining({ status: 404, code: 'not_found' }));
    expect(resumed).toHaveLength(1);
  });

  it('asks no more once it is stopped', async () => {
    const resumed = answers(() => stream(frame('1-0', 'output', 'a')));
    const { states, stop } = watched();
    await vi.waitFor(() => expect(states).toContain('waiting'));
    stop();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(resumed).toHaveLength(1);
  });
});

describe('isAfter', () => {
  it.each([
    ['2-0', '1-9', true],
    ['1-10', '1-9', true],
    ['1-9', '1-9', false],
    ['1-8', '1-9', false],
    ['1-0', null, true],
    ['x', 'y', true],
    ['x', 'x', false],
  ])('%s after %s: %s', (next, before, expected) => expect(isAfter(next, before)).toBe(expected));
});
