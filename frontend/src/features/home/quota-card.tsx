import { Skeleton, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { Meter } from '@/components/meter';
import { bytes, count } from '@/lib/format';
import { components, home } from '@/locales';

import classes from './home.module.css';
import { quotaQuery } from './queries';

const t = home.quota;

/** What is used and what is left, of the person and of the platform. */
export function QuotaCard({ project }: { project: string | null }) {
  const { data, error } = useQuery(quotaQuery(project));
  return (
    <section className={classes.card} aria-label={t.title}>
      <h2 className={classes.cardTitle}>{t.title}</h2>
      <div className={classes.quotas}>
        {data ? (
          <>
            {data.quotas.map(({ name, title, used, limit }) =>
              limit === null ? (
                <Fact key={name} title={title} value={t.unlimited({ used: count(used) })} />
              ) : (
                <Meter
                  key={name}
                  size="sm"
                  label={title}
                  value={used}
                  max={limit}
                  text={t.used({ used: count(used), limit: count(limit) })}
                />
              ),
            )}
            <Fact title={t.file} value={bytes(data.file_max_bytes)} />
          </>
        ) : error ? (
          <p className={classes.quiet}>{t.failed}</p>
        ) : (
          <>
            <VisuallyHidden>{components.loading}</VisuallyHidden>
            {[0, 1, 2].map((each) => (
              <Skeleton key={each} height={28} radius="sm" aria-hidden />
            ))}
          </>
        )}
      </div>
    </section>
  );
}

function Fact({ title, value }: { title: string; value: string }) {
  return (
    <div className={classes.fact}>
      <span>{title}</span>
      <span>{value}</span>
    </div>
  );
}
