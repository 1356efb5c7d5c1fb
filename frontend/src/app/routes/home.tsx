import { createRoute, lazyRouteComponent } from '@tanstack/react-router';

import { runsSearch } from '@/features/home/search';

import { signedInRoute } from './root';

const HomePage = lazyRouteComponent(() => import('@/features/home'), 'HomePage');

export const homeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/',
  validateSearch: runsSearch,
  component: Home,
});

function Home() {
  const navigate = homeRoute.useNavigate();
  return (
    <HomePage
      search={homeRoute.useSearch()}
      onSearch={(change) =>
        void navigate({ search: (before) => runsSearch({ ...before, ...change }), replace: true, resetScroll: false })
      }
    />
  );
}
