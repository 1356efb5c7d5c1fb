import {
  IconGavel,
  IconHeartRateMonitor,
  IconHierarchy2,
  IconListDetails,
  IconListSearch,
  IconPackageExport,
  IconPlus,
  IconShieldCheck,
  type Icon,
} from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';

import { readsLogs, type Me } from '@/lib/session';
import { shell } from '@/locales';

export interface Destination {
  to: NonNullable<LinkProps['to']>;
  title: string;
  icon: Icon;
  /** Goes there by keyboard: `g r`. */
  keys: string;
  /** Who it is for; everybody when it says nothing. */
  forWhom?: (me: Me) => boolean;
  /** A page within another: in the palette, not in the side bar. */
  within?: boolean;
  /** Current only at exactly this address. */
  exact?: boolean;
}

/** The side bar from top to bottom, and the palette's "Go to". */
export const destinations: readonly Destination[] = [
  { to: '/', title: shell.pages.runs, icon: IconListDetails, keys: 'g r', exact: true },
  { to: '/runs/new', title: shell.pages.newRun, icon: IconPlus, keys: 'g n' },
  {
    to: '/audit',
    title: shell.pages.audit,
    icon: IconHierarchy2,
    keys: 'g l',
    forWhom: readsLogs,
  },
  ...(
    [
      ['/audit/recall', shell.pages.auditRecall, IconListSearch, 'g c'],
      ['/audit/integrity', shell.pages.auditIntegrity, IconShieldCheck, 'g i'],
      ['/audit/exports', shell.pages.auditExports, IconPackageExport, 'g x'],
      ['/audit/holds', shell.pages.auditHolds, IconGavel, 'g d'],
    ] as const
  ).map(([to, title, icon, keys]) => ({ to, title, icon, keys, forWhom: readsLogs, within: true })),
  {
    to: '/health',
    title: shell.pages.health,
    icon: IconHeartRateMonitor,
    keys: 'g h',
    forWhom: (me) => me.platform_admin,
  },
];
