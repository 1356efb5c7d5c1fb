import { createRoute } from '@tanstack/react-router';

import { newRunSearch } from '@/features/new-run/search';

import { lazyPage } from './lazy-page';
import { signedInRoute } from './root';

export const newRunRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/runs/new',
  validateSearch: newRunSearch,
  component: lazyPage(() => import('@/features/new-run'), 'NewRunPage'),
});
