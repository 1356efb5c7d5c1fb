import { useQuery } from '@tanstack/react-query';

import type { AuditEntry } from '@/lib/api';

import { parseKeys } from '../verify/notes';
import { verify, type KeySource, type Verdict } from '../verify/verify';

export interface Checked {
  verdict: Verdict;
  /** Lines of the key text that are no keys. */
  badLines: number[];
  source: KeySource;
}

interface Given {
  entry: AuditEntry;
  file: string | undefined;
  keys: string | undefined;
  source: KeySource;
}

/** The verdict of this browser on a proof file; null until there is one. */
export function useVerdict({ entry, file, keys, source }: Given): Checked | null {
  const { data } = useQuery({
    queryKey: ['audit', 'verdict', entry.id, file, keys, source],
    queryFn: async () => {
      const found = await parseKeys(keys ?? '');
      const asked = { file: file ?? '', header: entry.header, project: entry.project, keys: found.keys };
      return { verdict: await verify(asked), badLines: found.bad, source };
    },
    enabled: file !== undefined && keys !== undefined,
    staleTime: Infinity,
    gcTime: 0,
    structuralSharing: false,
    // The last one stays while the next is computed, which takes a moment.
    placeholderData: (before) => before,
  });
  return data ?? null;
}
