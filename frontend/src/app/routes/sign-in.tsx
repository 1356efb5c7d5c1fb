import { createRoute } from '@tanstack/react-router';

import { signInSearch } from '@/features/session/search';

import { lazyPage } from './lazy-page';
import { rootRoute } from './root';

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: lazyPage(() => import('../shell/sign-in'), 'SignIn'),
});
