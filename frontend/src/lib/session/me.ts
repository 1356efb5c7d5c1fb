import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';

import { answer, api, problemOf, type Me, type Membership, type RoleEnum } from '@/lib/api';
import { reportAnswer } from '@/lib/connection';
import { visibleName } from '@/lib/visible';

declare global {
  interface Window {
    /** The answer that `first.js` asked for while this script was on its way. */
    bailiwickMe?: Promise<Response> | undefined;
  }
}

export type { Me, Membership, RoleEnum as Role };

/** Who is signed in. Throws a ProblemError with status 401 when nobody is. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }) => (await askedEarly()) ?? answer(api.GET('/api/v1/me', { signal })),
  staleTime: Infinity,
});

/** Who is signed in, names as a reader should see them. For what is inside of the shell, which is there for nobody else. */
export function useMe(): Me {
  return useSuspenseQuery({ ...meQuery, select: readable }).data;
}

function readable(me: Me): Me {
  const projects = me.projects.map((project) => ({ ...project, name: visibleName(project.name) }));
  return { ...me, projects, username: visibleName(me.username), display_name: visibleName(me.display_name) };
}

/** What was answered before anybody asked here, once; null where nothing was, or nothing came. */
async function askedEarly(): Promise<Me | null> {
  const asked = window.bailiwickMe;
  window.bailiwickMe = undefined;
  const response = await asked?.catch(() => null);
  if (!response) return null;
  reportAnswer(response.status);
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw problemOf(body, response);
  return body as Me;
}
