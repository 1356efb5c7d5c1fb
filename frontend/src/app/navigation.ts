import { IconHeartRateMonitor, IconListDetails, IconPlus, type Icon } from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';

import type { Me } from '@/lib/session';
import { shell } from '@/locales';

export interface Destination {
  to: NonNullable<LinkProps['to']>;
  title: string;
  icon: Icon;
  /** Goes there by keyboard: `g r`. */
  keys: string;
  /** Who it is for; everybody when it says nothing. */
  forWhom?: (me: Me) => boolean;
  /** Current only at exactly this address. */
  exact?: boolean;
}

/** The side bar from top to bottom, and the palette's "Go to". */
export const destinations: readonly Destination[] = [
  { to: '/', title: shell.pages.runs, icon: IconListDetails, keys: 'g r', exact: true },
  { to: '/runs/new', title: shell.pages.newRun, icon: IconPlus, keys: 'g n' },
  {
    to: '/health',
    title: shell.pages.health,
    icon: IconHeartRateMonitor,
    keys: 'g h',
    forWhom: (me) => me.platform_admin,
  },
];
