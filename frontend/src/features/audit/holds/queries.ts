import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { answer, api, cursor, keyset, rows, type ErasureRequestRequest, type HoldRequestRequest } from '@/lib/api';

const PAGE = 50;
const LIVE_MS = 2_000;
const HOLDS = ['audit', 'holds'] as const;
const ERASURES = ['audit', 'erasures'] as const;

const asked = (project: string | null, at: string | null) => ({
  query: { ...(project ? { project } : {}), limit: PAGE, ...cursor(at) },
});

export const holdsQuery = (project: string | null) =>
  infiniteQueryOptions({
    queryKey: [...HOLDS, project],
    queryFn: ({ pageParam, signal }) =>
      answer(api.GET('/api/v1/audit/holds', { params: asked(project, pageParam), signal })),
    ...keyset,
  });

/** Erasures; asked again by itself while what nobody can read any more is still being removed. */
export const erasuresQuery = (project: string | null) =>
  infiniteQueryOptions({
    queryKey: [...ERASURES, project],
    queryFn: ({ pageParam, signal }) =>
      answer(api.GET('/api/v1/audit/erasures', { params: asked(project, pageParam), signal })),
    ...keyset,
    refetchInterval: ({ state }) => (rows(state.data).every((one) => one.state === 'done') ? false : LIVE_MS),
  });

export const retentionQuery = queryOptions({
  queryKey: ['audit', 'retention'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/audit/retention', { signal })),
  staleTime: 60_000,
});

export function usePlaceHold() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: HoldRequestRequest) => answer(api.POST('/api/v1/audit/holds', { body: wanted })),
    onSuccess: () => client.invalidateQueries({ queryKey: HOLDS }),
  });
}

export function useLiftHold() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string }) =>
      answer(api.POST('/api/v1/audit/holds/{hold_id}/lift', { params: { path: { hold_id: id } }, body: { reason } })),
    onSuccess: () => client.invalidateQueries({ queryKey: HOLDS }),
  });
}

export function useErase() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: ErasureRequestRequest) => answer(api.POST('/api/v1/audit/erasures', { body: wanted })),
    onSuccess: () => client.invalidateQueries({ queryKey: ERASURES }),
  });
}
