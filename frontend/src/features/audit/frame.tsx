import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';

import { Page } from '@/components/page';
import { audit as t } from '@/locales';

import classes from './frame.module.css';

/** The auditor's rooms in the order of the row above each of them. */
const ROOMS: readonly { to: NonNullable<LinkProps['to']>; title: string; exact?: boolean }[] = [
  { to: '/audit', title: t.pages.entries, exact: true },
  { to: '/audit/recall', title: t.pages.recall },
  { to: '/audit/integrity', title: t.pages.integrity },
  { to: '/audit/exports', title: t.pages.exports },
  { to: '/audit/holds', title: t.pages.holds },
];

interface AuditFrameProps {
  title: string;
  heading?: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** The frame of every page of the auditor: the way to the others above its content. */
export function AuditFrame({ children, ...page }: AuditFrameProps) {
  return (
    <Page {...page}>
      <nav aria-label={t.nav} className={classes.rooms}>
        {ROOMS.map(({ to, title, exact = false }) => (
          <Link key={to} to={to} className={classes.room} activeOptions={{ exact, includeSearch: false }}>
            {title}
          </Link>
        ))}
      </nav>
      {children}
    </Page>
  );
}
