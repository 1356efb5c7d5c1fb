import { createRouter } from '@tanstack/react-router';

import { createQueryClient } from '@/lib/api';

import { rootRoute, signedInRoute } from './routes/root';

// One line for each page; the order does not matter.
const signedIn = signedInRoute.addChildren([]);
const routeTree = rootRoute.addChildren([signedIn]);

/** The router and the cache of one console. */
export function createConsole() {
  const queryClient = createQueryClient(() => undefined);
  const router = createRouter({
    routeTree,
    context: { queryClient },
    defaultPreload: 'intent',
    // TanStack Query decides what is fresh.
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
  });
  return { router, queryClient };
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsole>['router'];
  }
}
