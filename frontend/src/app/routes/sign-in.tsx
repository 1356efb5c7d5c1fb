import { createRoute } from '@tanstack/react-router';

import { signInSearch } from '@/features/session/search';

import { SignIn } from '../shell/sign-in';
import { rootRoute } from './root';

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: signInSearch,
  component: SignIn,
});
