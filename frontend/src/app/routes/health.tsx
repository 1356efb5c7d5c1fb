import { createRoute } from '@tanstack/react-router';

import { lazyPage } from './lazy-page';
import { signedInRoute } from './root';

export const healthRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/health',
  component: lazyPage(() => import('@/features/health'), 'HealthPage'),
});
