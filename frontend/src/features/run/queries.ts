import { queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';

import { answer, api, type Execution, type Run } from '@/lib/api';
import { randomId } from '@/lib/ids';

import { isDone, isLive, type Language } from './states';

// Events tell what changes; this finds what an event that was lost should have told.
const LOOK_AGAIN_MS = 15_000;
const USAGE_MS = 2_000;

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', id],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/runs/{run_id}', { params: { path: { run_id: id } }, signal })),
    refetchInterval: ({ state: { data } }) => (data && isLive(data.state) ? LOOK_AGAIN_MS : false),
  });

/** What the run's sandbox uses now: asked again and again, so only while somebody looks. */
export const usageQuery = (id: string) =>
  queryOptions({
    queryKey: ['runs', id, 'usage'],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/runs/{run_id}/usage', { params: { path: { run_id: id } }, signal })),
    refetchInterval: USAGE_MS,
    staleTime: USAGE_MS,
    retry: false,
  });

export const executionQuery = (id: string, number: number) =>
  queryOptions({
    queryKey: ['runs', id, 'executions', number],
    queryFn: ({ signal }) =>
      answer(
        api.GET('/api/v1/runs/{run_id}/executions/{number}', { params: { path: { run_id: id, number } }, signal }),
      ),
    // What is done stays as it is.
    staleTime: ({ state: { data } }) => (data && isDone(data.state) ? Infinity : 0),
  });

/** Where a document of one output is: for a sandboxed frame only, which gives it no origin and no script. */
export function outputAddress(runId: string, number: number, index: number, mediaType: string): string {
  const type = encodeURIComponent(mediaType);
  return `/api/v1/runs/${encodeURIComponent(runId)}/executions/${number}/outputs/${index}?type=${type}`;
}

export function artifactAddress(runId: string, name: string): string {
  const path = name.split('/').map(encodeURIComponent).join('/');
  return `/api/v1/runs/${encodeURIComponent(runId)}/artifacts/${path}`;
}

export function notebookAddress(runId: string): string {
  return `/api/v1/runs/${encodeURIComponent(runId)}/notebook`;
}

export function eventsAddress(runId: string): string {
  return `/api/v1/runs/${encodeURIComponent(runId)}/events`;
}

export interface NewCell {
  language: Language;
  code: string;
  /** Sent again with the same key, it is the same cell. */
  key: string;
}

export function newCell(language: Language, code: string): NewCell {
  return { language, code, key: randomId() };
}

/** Adds a cell to the run. It stands on the page as soon as the platform has taken it. */
export function useAddCell(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ language, code, key }: NewCell) =>
      answer(
        api.POST('/api/v1/runs/{run_id}/executions', {
          params: { path: { run_id: id }, header: { 'Idempotency-Key': key } },
          body: { language, code },
        }),
      ),
    onSuccess: ({ number, state }, { language }) => {
      updateRun(client, id, (run) => ({
        ...run,
        executions: run.executions.some((one) => one.number === number)
          ? run.executions
          : [...run.executions, { number, language, state }].sort((a, b) => a.number - b.number),
      }));
    },
  });
}

type Ending = 'interrupt' | 'close' | 'cancel';

/** Interrupts, closes or cancels the run; the answer says where it stands then. */
export function useEnding(id: string, what: Ending) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.POST(`/api/v1/runs/{run_id}/${what}` as const, { params: { path: { run_id: id } } })),
    onSuccess: (run) => client.setQueryData(runQuery(id).queryKey, run),
  });
}

export function updateRun(client: QueryClient, id: string, change: (run: Run) => Run): void {
  client.setQueryData(runQuery(id).queryKey, (run) => run && change(run));
}

export function updateExecution(
  client: QueryClient,
  id: string,
  number: number,
  change: (execution: Execution) => Execution,
): void {
  client.setQueryData(executionQuery(id, number).queryKey, (execution) => execution && change(execution));
}
