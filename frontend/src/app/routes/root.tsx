import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, Outlet } from '@tanstack/react-router';

export interface RouterContext {
  queryClient: QueryClient;
}

export const rootRoute = createRootRouteWithContext<RouterContext>()({ component: Outlet });

/** The parent of every page that needs a person: without a session it leads to the sign-in page and back. */
export const signedInRoute = createRoute({ getParentRoute: () => rootRoute, id: 'signed-in', component: Outlet });
