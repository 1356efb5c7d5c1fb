import { createRoute } from '@tanstack/react-router';

import { runsSearch } from '@/features/home/search';

import { lazyPage } from './lazy-page';
import { signedInRoute } from './root';

export const homeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  validateSearch: runsSearch,
  component: lazyPage(() => import('@/features/home'), 'HomePage'),
});
