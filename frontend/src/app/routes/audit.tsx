import { createRoute } from '@tanstack/react-router';

import { auditSearch } from '@/features/audit/search';

import { lazyPage } from './lazy-page';
import { signedInRoute } from './root';

const load = () => import('@/features/audit');

const entries = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyPage(load, 'EntriesPage'),
});

const entry = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/audit/entries/$entryId',
  component: lazyPage(load, 'EntryPage'),
});

const exports_ = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/audit/exports',
  component: lazyPage(load, 'ExportsPage'),
});

export const auditRoutes = [entries, entry, exports_] as const;
