import type { ReactNode } from 'react';

import classes from './entry.module.css';

/** Names and what they stand for, side by side where there is room. */
export function FactsList({ children }: { children: ReactNode }) {
  return <dl className={classes.list}>{children}</dl>;
}

export function Fact({ name, hint, children }: { name: string; hint?: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt title={hint}>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
