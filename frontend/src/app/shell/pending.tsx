import { Skeleton, VisuallyHidden } from '@mantine/core';

import { Loading } from '@/components/feedback';
import { shell } from '@/locales';

import classes from './shell.module.css';

/** In place of a page whose code or data is on its way, in the same shape. */
export function PagePending() {
  return (
    <div className={classes.pending}>
      <VisuallyHidden role="status">{shell.route.loading}</VisuallyHidden>
      <Skeleton height={24} width="12rem" radius="sm" mb="xl" />
      <Loading rows={6} />
    </div>
  );
}
