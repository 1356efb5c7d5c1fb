import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query';

import { answer, api, cursor, keyset, rows, type Export, type ExportRequestRequest } from '@/lib/api';

const PAGE = 50;
const LIVE_MS = 1_000;
const KEY = ['audit', 'exports'] as const;

/** Whether somebody still works on it. */
export function isMade({ state }: Pick<Export, 'state'>): boolean {
  return state === 'ready' || state === 'failed';
}

/** The exports of one project or of all that the person audits; asked again by itself while one is being made. */
export const exportsQuery = (project: string | null) =>
  infiniteQueryOptions({
    queryKey: [...KEY, project],
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET('/api/v1/audit/exports', {
          params: { query: { ...(project ? { project } : {}), limit: PAGE, ...cursor(pageParam) } },
          signal,
        }),
      ),
    ...keyset,
    refetchInterval: ({ state }) => (rows(state.data).every(isMade) ? false : LIVE_MS),
  });

/** Ask for a bundle. */
export function useAskForExport() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: ExportRequestRequest) => answer(api.POST('/api/v1/audit/exports', { body: wanted })),
    onSuccess: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** Where the bundle lies; that it was taken away is on record. */
export function bundleAddress({ id }: Pick<Export, 'id'>): string {
  return `/api/v1/audit/exports/${encodeURIComponent(id)}/download`;
}
