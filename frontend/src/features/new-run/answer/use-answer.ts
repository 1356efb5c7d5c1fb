import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';

import type { Preview, RunRequestRequest } from '@/lib/api';

import { requestOf, type Draft } from '../draft';
import { answerQuery } from '../queries';

const PAUSE_MS = 600;

export interface Answer {
  /** Null while the draft lacks what is needed to ask. */
  request: RunRequestRequest | null;
  data: Preview | undefined;
  error: Error | null;
  /** Whether what is shown belongs to an earlier form of the draft. */
  asking: boolean;
  askAgain: () => void;
}

/** Policy's answer to the draft as it stands, asked for after each pause in the writing. */
export function useAnswer(draft: Draft): Answer {
  const key = JSON.stringify(requestOf(draft));
  const [settled] = useDebouncedValue(key, PAUSE_MS);
  const request = JSON.parse(settled) as RunRequestRequest | null;
  const query = useQuery({ ...answerQuery(request), placeholderData: (before) => before });
  const waits = request !== null && (settled !== key || query.isFetching);
  return {
    request: JSON.parse(key) as RunRequestRequest | null,
    data: request ? query.data : undefined,
    error: request && !query.isFetching ? query.error : null,
    asking: waits,
    askAgain: () => void query.refetch(),
  };
}
