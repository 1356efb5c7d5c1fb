import { Section } from '@/components/page';
import type { Queue as Waiting } from '@/lib/api';
import { count, duration } from '@/lib/format';
import { health } from '@/locales';

import classes from './health.module.css';

const t = health.queue;

/** How many runs wait for a sandbox, and since when the first of them. */
export function Queue({ queue }: { queue: Waiting }) {
  return (
    <Section title={t.title}>
      <dl className={classes.figures}>
        <div>
          <dt>{t.length}</dt>
          <dd>
            {count(queue.length)} <span className={classes.hint}>{t.of({ limit: count(queue.limit) })}</span>
          </dd>
        </div>
        {queue.oldest_seconds === null ? (
          <div>
            <dt className={classes.hint}>{t.empty}</dt>
          </div>
        ) : (
          <div>
            <dt>{t.oldest}</dt>
            <dd>{duration(queue.oldest_seconds)}</dd>
          </div>
        )}
      </dl>
    </Section>
  );
}
