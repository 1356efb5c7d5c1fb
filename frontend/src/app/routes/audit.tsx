import { createRoute } from '@tanstack/react-router';

import { recallSearch } from '@/features/audit/recall/search';
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

const recall = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/audit/recall',
  validateSearch: recallSearch,
  component: lazyPage(load, 'RecallPage'),
});

const exports_ = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/audit/exports',
  component: lazyPage(load, 'ExportsPage'),
});

const integrity = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/audit/integrity',
  component: lazyPage(load, 'IntegrityPage'),
});

const holds = createRoute({
  getParentRoute: () => signedInRoute,
  path: '/audit/holds',
  component: lazyPage(load, 'HoldsPage'),
});

export const auditRoutes = [entries, entry, recall, integrity, exports_, holds] as const;
