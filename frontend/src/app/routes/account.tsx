import { createRoute } from '@tanstack/react-router';

import { accountSearch } from '@/features/account/search';

import { lazyPage } from './lazy-page';
import { signedInRoute } from './root';

export const accountRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/account',
  validateSearch: accountSearch,
  component: lazyPage(() => import('@/features/account'), 'AccountPage'),
});
