import { Skeleton, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { RunStateBadge } from '@/components/state-badge';
import { RelativeTime } from '@/components/time';
import { said } from '@/lib/said';
import { visibleName } from '@/lib/visible';
import { components, home } from '@/locales';

import classes from './home.module.css';
import { waitingQuery } from './queries';

const t = home.waiting;
const SHOWN = 5;

/** What does not go on without the person. */
export function WaitingCard() {
  const { data, error } = useQuery(waitingQuery);
  return (
    <section className={classes.card} aria-label={t.title} data-quiet={!data?.results.length || undefined}>
      <h2 className={classes.cardTitle}>{t.title}</h2>
      {data ? (
        data.results.length ? (
          <>
            <ul className={classes.waiting}>
              {data.results.slice(0, SHOWN).map(({ run, message, since }) => (
                <li key={run.id}>
                  <Link to="/runs/$runId" params={{ runId: run.id }} className={classes.waitingLink}>
                    <span className={classes.waitingHead}>
                      <RunStateBadge state={run.state} variant="plain" size="sm" />
                      <RelativeTime at={since} />
                    </span>
                    <span className={classes.waitingName}>{visibleName(run.purpose)}</span>
                    <span className={classes.waitingNote}>{visibleName(said(message))}</span>
                  </Link>
                </li>
              ))}
            </ul>
            {data.count > SHOWN ? <p className={classes.quiet}>{t.more({ n: data.count - SHOWN })}</p> : null}
          </>
        ) : (
          <p className={classes.quiet}>{t.none}</p>
        )
      ) : error ? (
        <p className={classes.quiet}>{t.failed}</p>
      ) : (
        <>
          <VisuallyHidden>{components.loading}</VisuallyHidden>
          <Skeleton height={64} radius="md" aria-hidden />
        </>
      )}
    </section>
  );
}
