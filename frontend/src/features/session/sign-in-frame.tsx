import { Title } from '@mantine/core';
import type { ReactNode } from 'react';

import { session as t } from '@/locales';

import classes from './sign-in-frame.module.css';

/** What stands around a form of signing in: the product, and what it promises. */
export function SignInFrame({ mark, children }: { mark: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.page}>
      <aside className={classes.promise}>
        <div className={classes.brand}>{mark}</div>
        <div>
          <p className={classes.claim}>{t.promise.heading}</p>
          <dl className={classes.points}>
            {t.promise.points.map(([term, text]) => (
              <div key={term} className={classes.point}>
                <dt>{term}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </div>
      </aside>
      <main className={classes.side}>
        <div className={classes.form}>
          <div className={classes.smallBrand}>{mark}</div>
          <Title order={1} tabIndex={-1} data-page-heading>
            {t.heading}
          </Title>
          <p className={classes.lead}>{t.lead}</p>
          {children}
        </div>
      </main>
    </div>
  );
}
