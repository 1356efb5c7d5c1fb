import { queryOptions } from '@tanstack/react-query';

import { answer, api } from '@/lib/api';

const EVERY_MS = 3_000;

/** How a log stands: a project's, or the platform's; asked again by itself while somebody looks. */
export const integrityQuery = (project: string | null) =>
  queryOptions({
    queryKey: ['audit', 'integrity', project],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/v1/audit/integrity', { params: { query: project ? { project } : {} }, signal })),
    // A refusal stays one: only what was shown once is asked for again.
    refetchInterval: ({ state }) => (state.data ? EVERY_MS : false),
  });
