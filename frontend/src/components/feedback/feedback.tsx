import { Button, Skeleton, VisuallyHidden } from '@mantine/core';
import { IconAlertTriangle, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';

import { Refusal } from '@/components/refusal';
import { components as t } from '@/locales';

import classes from './feedback.module.css';

interface EmptyProps {
  icon: Icon;
  title: string;
  /** What to do next, or why there is nothing. */
  children?: ReactNode;
  action?: ReactNode;
  size?: 'page' | 'part';
}

/** A place that holds nothing yet, and what to do about it. */
export function Empty({ icon: Icon, title, children, action, size = 'page' }: EmptyProps) {
  return (
    <div className={classes.empty} data-size={size}>
      <span className={classes.sign}>
        <Icon size={size === 'page' ? 26 : 20} stroke={1.5} aria-hidden />
      </span>
      <p className={classes.emptyTitle}>{title}</p>
      {children ? <p className={classes.emptyText}>{children}</p> : null}
      {action ? <div className={classes.emptyAction}>{action}</div> : null}
    </div>
  );
}

/** Takes the room of what will come, so that nothing moves when it does. */
export function Loading({ name, rows = 5, height = 40 }: { name?: string; rows?: number; height?: number }) {
  return (
    <div className={classes.loading} aria-busy>
      <VisuallyHidden role="status">{name ? t.loadingNamed({ name }) : t.loading}</VisuallyHidden>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={classes.loadingRow} style={{ height }}>
          <Skeleton height={10} width={`${26 + ((row * 29) % 41)}%`} radius="sm" />
          <Skeleton height={10} width="3.5rem" radius="sm" />
        </div>
      ))}
    </div>
  );
}

/** Says that what is shown is not all, why, and how to get the rest. */
export function Partial({ title = t.partialTitle, children, onRetry }: PartialProps) {
  return (
    <div className={classes.partial} data-tone="wait" role="status">
      <IconAlertTriangle size={16} className={classes.partialIcon} aria-hidden />
      <div className={classes.partialText}>
        <strong>{title}</strong> {children}
      </div>
      {onRetry ? (
        <Button size="compact-sm" variant="default" onClick={onRetry}>
          {t.retry}
        </Button>
      ) : null}
    </div>
  );
}

interface PartialProps {
  title?: string;
  children?: ReactNode;
  onRetry?: () => void;
}

/** In place of a page that could not be shown. */
export function ErrorState({ error, asked, onRetry }: { error: unknown; asked?: string; onRetry?: () => void }) {
  return (
    <div className={classes.errorState}>
      <Refusal error={error} {...(asked ? { asked } : {})} {...(onRetry ? { onRetry } : {})} />
    </div>
  );
}
