import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, Outlet, redirect } from '@tanstack/react-router';

import { SessionGuard } from '@/features/session';
import { ProblemError } from '@/lib/api';
import { meQuery } from '@/lib/session';

import { Shell } from '../shell/shell';
import { NotFound, RouteError } from './errors';

export interface RouterContext {
  queryClient: QueryClient;
}

export const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  errorComponent: RouteError,
  notFoundComponent: NotFound,
});

/** The parent of every page that needs a person: without a session it leads to the sign-in page and back. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  // A loader and no guard before it: the page's code is fetched meanwhile.
  loader: async ({ context, location }) => {
    try {
      await context.queryClient.query({ ...meQuery, staleTime: 'static' });
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 401)) throw error;
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { to: location.href } });
    }
  },
  shouldReload: false,
  staleTime: Infinity,
  component: SignedIn,
});

function SignedIn() {
  return (
    <>
      <Shell />
      <SessionGuard />
    </>
  );
}
