import { createRoute } from '@tanstack/react-router';

import { HomePage } from '@/features/home';
import { runsSearch } from '@/features/home/search';

import { signedInRoute } from './root';

export const homeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  validateSearch: runsSearch,
  component: HomePage,
});
