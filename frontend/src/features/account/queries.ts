import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { allauth } from '@/lib/allauth';
import { answer, api, cursor, keyset, type NewTokenRequest } from '@/lib/api';

export const sessionsQuery = infiniteQueryOptions({
  queryKey: ['account', 'sessions'],
  queryFn: ({ pageParam, signal }) =>
    answer(api.GET('/api/v1/sessions', { params: { query: cursor(pageParam) }, signal })),
  ...keyset,
});

export const tokensQuery = infiniteQueryOptions({
  queryKey: ['account', 'tokens'],
  queryFn: ({ pageParam, signal }) =>
    answer(api.GET('/api/v1/tokens', { params: { query: cursor(pageParam) }, signal })),
  ...keyset,
});

export function useEndSession() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.POST('/api/v1/sessions/{session_id}/end', { params: { path: { session_id: id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
}

export function useCreateToken() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: NewTokenRequest) => answer(api.POST('/api/v1/tokens', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: tokensQuery.queryKey }),
    // The secret is shown once; it does not stay in the cache of mutations.
    gcTime: 0,
  });
}

export function useRevokeToken() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.POST('/api/v1/tokens/{token_id}/revoke', { params: { path: { token_id: id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
}

/** Times are seconds since 1970. */
export type Authenticator =
  | { type: 'totp'; created_at: number; last_used_at: number | null }
  | { type: 'webauthn'; id: number; name: string; created_at: number; last_used_at: number | null }
  | { type: 'recovery_codes'; total_code_count: number; unused_code_count: number };

/** How the person proves a second time who they are. */
export const authenticatorsQuery = queryOptions({
  queryKey: ['account', 'authenticators'],
  queryFn: async () => (await allauth<Authenticator[]>('GET', 'account/authenticators')).data ?? [],
});

export function useRefreshAuthenticators() {
  const cache = useQueryClient();
  return () => cache.invalidateQueries({ queryKey: authenticatorsQuery.queryKey });
}
