import { createRoute } from '@tanstack/react-router';

import { lazyPage } from './lazy-page';
import { signedInRoute } from './root';

export const runRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/runs/$runId',
  component: lazyPage(() => import('@/features/run'), 'RunPage'),
});
