import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';

import { ProblemError } from './problem';

const MAX_RETRIES = 3;

/**
 * The cache of what the platform answered. `onSignedOut` is called when an answer says that there is no session.
 * Refusals are answers and are not asked for again; silence and faults are, with growing distances.
 */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof ProblemError && error.status === 401) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) => failures < MAX_RETRIES && isPassing(error),
        retryDelay: (failures, error) => retryDelay(failures, error),
        // The connection indicator says what is wrong; a paused query would only spin.
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}

function isPassing(error: Error): boolean {
  return error instanceof ProblemError && (error.status === 0 || error.status === 429 || error.status >= 500);
}

function retryDelay(failures: number, error: Error): number {
  const asked = error instanceof ProblemError ? error.retryAfterSeconds : null;
  return asked !== null ? asked * 1_000 : Math.min(1_000 * 2 ** failures, 15_000);
}
