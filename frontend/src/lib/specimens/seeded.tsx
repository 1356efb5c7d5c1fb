import { QueryClient, QueryClientProvider, type QueryKey } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import { meQuery } from '@/lib/session';

import { me } from './samples';

/** A cache of its own in which these answers have arrived; every other one stays on its way. */
export function Seeded({
  answers,
  children,
}: {
  answers: readonly (readonly [QueryKey, unknown])[];
  children: ReactNode;
}) {
  const [client] = useState(() => {
    const made = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
    for (const [key, data] of [[meQuery.queryKey, me] as const, ...answers]) made.setQueryData(key, data);
    return made;
  });
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}
