import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';

import { ErrorState, Loading, Partial } from '@/components/feedback';
import { Page } from '@/components/page';
import { RelativeTime } from '@/components/time';
import type { Health } from '@/lib/api';
import { health as t } from '@/locales';

import { Failures } from './failures';
import classes from './health.module.css';
import { nameOf } from './looks';
import { Parts } from './parts';
import { Pools } from './pools';
import { healthQuery } from './queries';
import { Queue } from './queue';

/** How the platform is, for those who run it. */
export function HealthPage() {
  const query = useQuery(healthQuery);
  const again = () => void query.refetch();
  const told = query.data;
  return (
    <Page
      title={t.title}
      lead={told ? <Summary health={told} /> : undefined}
      actions={
        <Button
          variant="default"
          size="xs"
          leftSection={<IconRefresh size={14} aria-hidden />}
          onClick={again}
          disabled={!told}
        >
          {t.refresh}
        </Button>
      }
    >
      {query.isPending ? <Loading name={t.title} rows={8} /> : null}
      {query.error && !told ? <ErrorState error={query.error} asked={t.asked} onRetry={again} /> : null}
      {query.error && told ? (
        <Partial title={t.stale} onRetry={again}>
          {t.staleHint}
        </Partial>
      ) : null}
      {told ? (
        <>
          <Parts parts={told.parts} />
          <div className={classes.pair}>
            <Pools pools={told.pools} />
            <Queue queue={told.queue} />
          </div>
          <Failures failures={told.recent_failures} />
        </>
      ) : null}
    </Page>
  );
}

function Summary({ health }: { health: Health }) {
  const unwell = health.parts.filter((part) => part.state !== 'ok').map((part) => nameOf(part.name));
  return (
    <span className={classes.summary}>
      <span role="status">{unwell.length ? t.unwell({ names: unwell.join(', ') }) : t.well}</span>{' '}
      <span>
        {t.checked} <RelativeTime at={health.at} />
      </span>
    </span>
  );
}
