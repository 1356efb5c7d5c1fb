import { Title } from '@mantine/core';
import { clsx } from 'clsx';
import type { ReactNode } from 'react';

import classes from './page.module.css';
import { usePageTitle } from './title';

interface PageProps {
  title: string;
  /** In place of the title's words, where they are more than words. */
  heading?: ReactNode;
  /** Below the title, in a sentence or a few facts. */
  lead?: ReactNode;
  actions?: ReactNode;
  /** `reading` for forms and text, `wide` for tables and cells. */
  width?: 'reading' | 'wide';
  children: ReactNode;
}

/** The frame of every page: its title (of the window too), what can be done, and the content. */
export function Page({ title, heading, lead, actions, width = 'wide', children }: PageProps) {
  usePageTitle(title);
  return (
    <div className={clsx(classes.page, classes[width])}>
      <header className={classes.header}>
        <div className={classes.titles}>
          <Title order={1} tabIndex={-1} data-page-heading className={classes.title}>
            {heading ?? title}
          </Title>
          {lead ? <div className={classes.lead}>{lead}</div> : null}
        </div>
        {actions ? <div className={classes.actions}>{actions}</div> : null}
      </header>
      {children}
    </div>
  );
}

/** A part of a page with its own heading. */
export function Section({ title, lead, actions, children }: Omit<PageProps, 'width' | 'heading'>) {
  return (
    <section className={classes.section}>
      <header className={classes.header}>
        <div className={classes.titles}>
          <Title order={2}>{title}</Title>
          {lead ? <div className={classes.lead}>{lead}</div> : null}
        </div>
        {actions ? <div className={classes.actions}>{actions}</div> : null}
      </header>
      {children}
    </section>
  );
}
