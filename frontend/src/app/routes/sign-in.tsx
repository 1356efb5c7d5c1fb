import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { signInSearch } from '@/features/session/search';

import { rootRoute } from './root';

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: lazyRouteComponent(() => import('../shell/sign-in'), 'SignIn'),
});
