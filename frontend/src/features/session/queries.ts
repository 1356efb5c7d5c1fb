import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { allauth, type Answer } from '@/lib/allauth';
import { meQuery } from '@/lib/session';

interface Provider {
  id: string;
  name: string;
  flows: string[];
}

export interface SignInConfig {
  account: { login_methods?: string[] };
  socialaccount?: { providers: Provider[] };
  mfa?: { supported_types: string[]; passkey_login_enabled?: boolean };
}

/** Ways to sign in that the platform offers. */
export const configQuery = queryOptions({
  queryKey: ['sign-in', 'config'],
  queryFn: async () => (await allauth<SignInConfig>('GET', 'config')).data ?? { account: {} },
  staleTime: Infinity,
});

/** How far a sign-in has come; it may stand between its steps, as after an identity provider. */
export const standingQuery = queryOptions({
  queryKey: ['sign-in', 'standing'],
  queryFn: () => allauth('GET', 'auth/session'),
  staleTime: 0,
  gcTime: 0,
});

/** One step of signing in: a door and what it is given. */
export interface Attempt {
  path: string;
  body: object;
}

/** Take one step. Its answer is what `nextStep` reads; problems are thrown. */
export function useAttempt() {
  return useMutation({
    mutationFn: ({ path, body }: Attempt): Promise<Answer> => allauth('POST', path, body),
  });
}

/** End the session here. Everything that this page holds of it goes too. */
export function useSignOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => allauth('DELETE', 'auth/session'),
    onSuccess: () => {
      cache.clear();
      // Drafts are the person's: whoever signs in next on this machine finds none.
      sessionStorage.clear();
      window.location.assign('/sign-in');
    },
  });
}

/** Ask anew who is signed in, which is also what keeps a session from being idle. */
export function useRefreshMe() {
  const cache = useQueryClient();
  return () => cache.query({ ...meQuery, staleTime: 0 });
}
