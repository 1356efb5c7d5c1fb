import { IconCircleCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

import { shortened } from '@/components/copyable';
import { Empty } from '@/components/feedback';
import { Section } from '@/components/page';
import { RelativeTime } from '@/components/time';
import type { Failure } from '@/lib/api';
import { visible, visibleName } from '@/lib/visible';
import { health } from '@/locales';

import classes from './health.module.css';

const t = health.failures;

/** Runs that failed lately, each with the way to it. */
export function Failures({ failures }: { failures: readonly Failure[] }) {
  return (
    <Section title={t.title} lead={t.lead}>
      {failures.length ? (
        <table className={classes.table} aria-label={t.title}>
          <thead>
            <tr>
              <th scope="col">{t.run}</th>
              <th scope="col">{t.project}</th>
              <th scope="col">{t.what}</th>
              <th scope="col" className={classes.figure}>
                {t.at}
              </th>
            </tr>
          </thead>
          <tbody>
            {failures.map((failure) => (
              <FailureRow key={`${failure.run}-${failure.at}`} failure={failure} />
            ))}
          </tbody>
        </table>
      ) : (
        <Empty icon={IconCircleCheck} title={t.none} size="part">
          {t.noneHint}
        </Empty>
      )}
    </Section>
  );
}

function FailureRow({ failure }: { failure: Failure }) {
  return (
    <tr>
      <th scope="row">
        <Link
          to="/runs/$runId"
          params={{ runId: failure.run }}
          aria-label={t.open({ run: failure.run })}
          className={classes.run}
        >
          {shortened(failure.run)}
        </Link>
      </th>
      <td data-label={t.project}>{visibleName(failure.project_name)}</td>
      <td data-label={t.what} className={classes.detail}>
        {visible(failure.message)} <code className={classes.code}>{failure.code}</code>
      </td>
      <td data-label={t.at} className={classes.figure}>
        <RelativeTime at={failure.at} />
      </td>
    </tr>
  );
}
