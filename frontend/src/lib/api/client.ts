import createClient, { type Middleware } from 'openapi-fetch';

import { attentionHeaders } from '@/lib/attention';
import { reportAnswer, reportSilence } from '@/lib/connection';
import { randomId } from '@/lib/ids';

import { problemOf, unreachable } from './problem';
import type { paths } from './schema';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The token that proves to the platform that a change comes from this page; empty before the first answer. */
export function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? '';
}

/** Headers that every change carries, for the few requests that do not go through `api`. */
export function changeHeaders(): Record<string, string> {
  return { 'X-CSRFToken': csrfToken() };
}

const session: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(attentionHeaders())) request.headers.set(name, value);
    if (SAFE.has(request.method)) return;
    request.headers.set('X-CSRFToken', csrfToken());
    // A repetition by the browser or a proxy must not do it twice.
    if (request.method === 'POST' && !request.headers.has('Idempotency-Key')) {
      request.headers.set('Idempotency-Key', randomId());
    }
  },
  onResponse({ response }) {
    reportAnswer(response.status);
  },
  onError({ error, request }) {
    if (request.signal.aborted) return error instanceof Error ? error : new Error(String(error));
    reportSilence();
    return unreachable();
  },
};

/** The platform's API, typed by its OpenAPI document. Use it inside `answer(…)`. */
export const api = createClient<paths>({
  // Whole addresses: a Request made outside of a browser takes no relative one.
  baseUrl: window.location.origin,
  credentials: 'same-origin',
  headers: { Accept: 'application/json' },
  // Looked up at each call, so that a mock at the network layer may replace it.
  fetch: (request) => window.fetch(request),
});
api.use(session);

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/**
 * The body of an answer. Throws ProblemError for everything else.
 *
 *     queryFn: ({ signal }) => answer(api.GET('/api/v1/runs', { params: { query }, signal }))
 */
export async function answer<T>(request: Promise<Outcome<T>>): Promise<T> {
  const { data, error, response } = await request;
  if (!response.ok) throw problemOf(error, response);
  return data as T;
}
