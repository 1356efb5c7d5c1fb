import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { connection, lastAnswer } from '@/lib/connection';

import { server } from '../../../tests/server';
import { answer, api, ProblemError } from '.';

const TOKENS = '*/api/v1/tokens';
const body = { name: 'report', expires_in_seconds: 60, kind: 'person' as const };

beforeEach(() => {
  document.cookie = 'csrftoken=abc123';
  connection.set('online');
});

async function thrown(request: Promise<unknown>): Promise<ProblemError> {
  const error: unknown = await request.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ProblemError);
  return error as ProblemError;
}

describe('a change', () => {
  it('proves where it comes from, and carries a key of its own', async () => {
    const keys: (string | null)[] = [];
    server.use(
      http.post(TOKENS, ({ request }) => {
        expect(request.headers.get('X-CSRFToken')).toBe('abc123');
        keys.push(request.headers.get('Idempotency-Key'));
        return HttpResponse.json({ id: '1' }, { status: 201 });
      }),
    );
    await answer(api.POST('/api/v1/tokens', { body }));
    await answer(api.POST('/api/v1/tokens', { body }));
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys[1]).not.toBe(keys[0]);
  });

  it('keeps the key that it is given', async () => {
    server.use(http.post(TOKENS, ({ request }) => HttpResponse.json({ id: request.headers.get('Idempotency-Key') })));
    const headers = { 'Idempotency-Key': 'mine' };
    await expect(answer(api.POST('/api/v1/tokens', { body, headers }))).resolves.toEqual({ id: 'mine' });
  });
});

describe('a request', () => {
  it('that the page makes while nobody is there says so, and puts off the end of no session', async () => {
    const marks: (string | null)[] = [];
    server.use(
      http.get(TOKENS, ({ request }) => {
        marks.push(request.headers.get('X-Unattended'));
        return HttpResponse.json({ results: [], next: null, previous: null });
      }),
    );
    window.dispatchEvent(new Event('keydown'));
    await answer(api.GET('/api/v1/tokens'));
    const told = lastAnswer.get();
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 61_000);
    await answer(api.GET('/api/v1/tokens'));
    vi.restoreAllMocks();
    expect(marks).toEqual([null, 'true']);
    expect(lastAnswer.get()).toBe(told);
  });

  it('that only reads carries neither', async () => {
    server.use(
      http.get(TOKENS, ({ request }) => {
        expect([request.headers.get('X-CSRFToken'), request.headers.get('Idempotency-Key')]).toEqual([null, null]);
        return HttpResponse.json({ results: [], next: null, previous: null });
      }),
    );
    await answer(api.GET('/api/v1/tokens'));
  });

  it('that is refused throws the problem, with all of it', async () => {
    const problem = {
      type: 'urn:bailiwick:problem:policy_denied',
      title: 'Forbidden',
      status: 403,
      detail: 'Policy says no.',
      code: 'policy_denied',
      request_id: 'r1',
      reasons: [{ code: 'package_not_allowed', message: 'evil is not on the list', remedy: 'Ask.' }],
    };
    server.use(http.post(TOKENS, () => HttpResponse.json(problem, { status: 403 })));
    const error = await thrown(answer(api.POST('/api/v1/tokens', { body })));
    expect(error.problem).toEqual(problem);
    expect(error.reasons).toEqual(problem.reasons);
    expect(error.message).toBe('Policy says no.');
  });

  it('that comes too early tells how long to wait', async () => {
    const problem = { code: 'throttled', detail: 'Slower.', status: 429 };
    server.use(http.get(TOKENS, () => HttpResponse.json(problem, { status: 429, headers: { 'Retry-After': '7' } })));
    expect((await thrown(answer(api.GET('/api/v1/tokens')))).retryAfterSeconds).toBe(7);
  });

  it.each([
    [502, '<html>Bad gateway</html>'],
    [413, ''],
  ])('that something else answers with %d is a problem of our own words', async (status, text) => {
    server.use(
      http.get(TOKENS, () => new HttpResponse(text, { status })),
      http.get('*/healthz', () => HttpResponse.json({})),
    );
    const error = await thrown(answer(api.GET('/api/v1/tokens')));
    expect([error.code, error.status]).toEqual(['unreadable', status]);
  });

  it('that nothing answers says so, and the connection is known to be gone until something does', async () => {
    server.use(
      http.get(TOKENS, () => HttpResponse.error()),
      http.get('*/healthz', () => HttpResponse.json({})),
    );
    expect((await thrown(answer(api.GET('/api/v1/tokens')))).code).toBe('unreachable');
    expect(connection.get()).toBe('unreachable');
    await expect.poll(() => connection.get(), { timeout: 5_000 }).toBe('online');
  });

  it('that is taken back is no silence of the platform', async () => {
    server.use(http.get(TOKENS, () => new Promise<never>(() => undefined)));
    const stop = new AbortController();
    const request = answer(api.GET('/api/v1/tokens', { signal: stop.signal }));
    stop.abort();
    await expect(request).rejects.toThrow();
    expect(connection.get()).toBe('online');
  });
});
