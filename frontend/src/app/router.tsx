import { createRouter } from '@tanstack/react-router';

import { createQueryClient } from '@/lib/api';
import { meQuery, sessionEnded } from '@/lib/session';

import { accountRoute } from './routes/account';
import { auditRoutes } from './routes/audit';
import { NotFound, RouteError } from './routes/errors';
import { healthRoute } from './routes/health';
import { homeRoute } from './routes/home';
import { newRunRoute } from './routes/new-run';
import { rootRoute, signedInRoute } from './routes/root';
import { runRoute } from './routes/run';
import { signInRoute } from './routes/sign-in';
import { PagePending } from './shell/pending';

// One line for each page; the order does not matter.
const signedIn = signedInRoute.addChildren([
  homeRoute,
  newRunRoute,
  accountRoute,
  healthRoute,
  runRoute,
  ...auditRoutes,
]);
const routeTree = rootRoute.addChildren([signInRoute, signedIn]);

/** The router and the cache of one console. */
export function createConsole() {
  const queryClient = createQueryClient(() => {
    // Without anybody signed in before, the router leads to the sign-in page itself.
    if (queryClient.getQueryData(meQuery.queryKey)) sessionEnded.set(true);
  });
  const router = createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    // TanStack Query decides what is fresh.
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultPendingMs: 150,
    defaultPendingMinMs: 250,
    defaultPendingComponent: PagePending,
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: NotFound,
  });
  return { router, queryClient };
}

export type Console = ReturnType<typeof createConsole>;

declare module '@tanstack/react-router' {
  interface Register {
    router: Console['router'];
  }
}
