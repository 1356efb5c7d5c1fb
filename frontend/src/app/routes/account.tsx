import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { accountSearch } from '@/features/account/search';

import { signedInRoute } from './root';

export const accountRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/account',
  validateSearch: accountSearch,
  component: lazyRouteComponent(() => import('@/features/account'), 'AccountPage'),
});
