import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { newRunSearch } from '@/features/new-run/search';

import { signedInRoute } from './root';

const NewRunPage = lazyRouteComponent(() => import('@/features/new-run'), 'NewRunPage');

export const newRunRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/runs/new',
  validateSearch: newRunSearch,
  component: NewRun,
});

function NewRun() {
  const { from } = newRunRoute.useSearch();
  // Another run's inputs make another form.
  return <NewRunPage key={from ?? ''} from={from} />;
}
