import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { runsSearch } from '@/features/home/search';

import { signedInRoute } from './root';

export const homeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  validateSearch: runsSearch,
  component: lazyRouteComponent(() => import('@/features/home'), 'HomePage'),
});
