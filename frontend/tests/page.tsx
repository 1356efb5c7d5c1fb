import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
  type RouteComponent,
} from '@tanstack/react-router';
import { render } from '@testing-library/react';

import { createQueryClient } from '@/lib/api';

interface Shown {
  path: string;
  component: RouteComponent;
  /** Where the page is opened; its path where nothing is said. */
  address?: string;
  validateSearch?: (given: Record<string, unknown>) => object;
}

/** Show a page below the route of who is signed in, with the pages that it may lead to. Gives the router. */
export function showPage({ path, component, address = path, validateSearch }: Shown) {
  const root = createRootRoute({ component: Outlet });
  const signedIn = createRoute({ getParentRoute: () => root, id: 'signed-in', component: Outlet });
  const others = [
    '/',
    '/runs/new',
    '/runs/$runId',
    '/audit',
    '/audit/entries/$entryId',
    '/audit/recall',
    '/audit/integrity',
    '/audit/exports',
    '/audit/holds',
  ].filter((other) => other !== path);
  const page = createRoute({
    getParentRoute: () => signedIn,
    path,
    component,
    ...(validateSearch ? { validateSearch } : {}),
  });
  const rest = others.map((other) => createRoute({ getParentRoute: () => signedIn, path: other }));
  const router = createRouter({
    routeTree: root.addChildren([signedIn.addChildren([page, ...rest])]),
    history: createMemoryHistory({ initialEntries: [address] }),
  });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={createQueryClient(() => undefined)}>
        {/* The console's own router knows more pages than these. */}
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return router;
}
