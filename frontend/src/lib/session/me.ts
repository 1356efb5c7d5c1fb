import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';

import { answer, api, type Me, type Membership, type RoleEnum } from '@/lib/api';

export type { Me, Membership, RoleEnum as Role };

/** Who is signed in. Throws a ProblemError with status 401 when nobody is. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => answer(api.GET('/api/v1/me', { signal })),
  staleTime: Infinity,
});

/** Who is signed in. For what is shown inside of the shell, which is there for nobody else. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}
