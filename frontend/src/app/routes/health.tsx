import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { signedInRoute } from './root';

export const healthRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/health',
  component: lazyRouteComponent(() => import('@/features/health'), 'HealthPage'),
});
