import type { ReactNode } from 'react';

import classes from './gallery.module.css';

export function Grid({ children }: { children: ReactNode }) {
  return <div className={classes.grid}>{children}</div>;
}

export function Row({ children }: { children: ReactNode }) {
  return <div className={classes.row}>{children}</div>;
}

/** One state of a component, and what it is. */
export function Case({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={classes.card}>
      <p className={classes.caption}>{name}</p>
      {children}
    </div>
  );
}
