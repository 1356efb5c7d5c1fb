import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { newRunSearch } from '@/features/new-run/search';

import { signedInRoute } from './root';

export const newRunRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/runs/new',
  validateSearch: newRunSearch,
  component: lazyRouteComponent(() => import('@/features/new-run'), 'NewRunPage'),
});
