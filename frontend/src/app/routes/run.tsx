import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { signedInRoute } from './root';

export const runRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/runs/$runId',
  component: lazyRouteComponent(() => import('@/features/run'), 'RunPage'),
});
