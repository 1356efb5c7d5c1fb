import { queryOptions } from '@tanstack/react-query';

import { answer, api } from '@/lib/api';

const EVERY_MS = 5_000;

/** How every part is; asked again by itself while somebody looks. */
export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/health', { signal })),
  // A refusal stays one: only what was shown once is asked for again.
  refetchInterval: (query) => (query.state.data ? EVERY_MS : false),
  staleTime: EVERY_MS,
});
