import { useQuery } from '@tanstack/react-query';

import { ErrorState, Loading } from '@/components/feedback';
import { RelativeTime } from '@/components/time';
import { audit } from '@/locales';

import classes from './holds.module.css';
import { retentionQuery } from './queries';

const t = audit.holds.periods;

/** How long things are kept where no hold says otherwise. */
export function Periods() {
  const query = useQuery(retentionQuery);
  const told = query.data;
  if (query.isPending) return <Loading name={t.title} rows={1} height={64} />;
  if (!told) return <ErrorState error={query.error} asked={t.asked} onRetry={() => void query.refetch()} />;
  return (
    <dl className={classes.periods} aria-label={t.title}>
      <div>
        <dt>{t.audit}</dt>
        <dd>{t.months({ n: told.audit_months })}</dd>
      </div>
      <div>
        <dt>{t.content}</dt>
        <dd>{t.months({ n: told.content_months })}</dd>
      </div>
      <div>
        <dt>{t.last}</dt>
        <dd>{told.last_run_at ? <RelativeTime at={told.last_run_at} /> : t.never}</dd>
      </div>
      <div>
        <dt>{t.next}</dt>
        <dd>{told.next_run_at ? <RelativeTime at={told.next_run_at} future /> : t.soon}</dd>
      </div>
    </dl>
  );
}
