import { Button } from '@mantine/core';
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { ErrorState, Loading } from '@/components/feedback';
import { Section } from '@/components/page';
import { Tag } from '@/components/state-badge';
import { RelativeTime } from '@/components/time';
import { rows, type Session } from '@/lib/api';
import { toast } from '@/lib/toasts';
import { account } from '@/locales';

import classes from './account.module.css';
import { Confirm } from './confirm';
import { sessionsQuery, useEndSession } from './queries';
import { browserName } from './user-agent';

const t = account.sessions;

export function Sessions() {
  const query = useInfiniteQuery(sessionsQuery);
  const end = useEndSession();
  const [ending, setEnding] = useState<Session | null>(null);
  const confirm = () => {
    if (!ending) return;
    end.mutate(ending.id, {
      onSuccess: () => {
        setEnding(null);
        toast({ tone: 'good', title: t.ended });
      },
    });
  };
  return (
    <Section title={t.title} lead={t.lead}>
      {query.isPending ? <Loading name={t.label} rows={2} height={60} /> : null}
      {query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      <ul className={classes.rows} aria-label={t.label}>
        {rows(query.data).map((session) => (
          <SessionRow key={session.id} session={session} onEnd={() => setEnding(session)} />
        ))}
      </ul>
      {query.hasNextPage ? (
        <Button variant="subtle" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {account.tokens.more}
        </Button>
      ) : null}
      <Confirm
        opened={ending !== null}
        title={t.endTitle}
        lead={t.endLead}
        verb={t.end}
        busy={end.isPending}
        error={end.error}
        onConfirm={confirm}
        onClose={() => setEnding(null)}
      />
    </Section>
  );
}

function SessionRow({ session, onEnd }: { session: Session; onEnd: () => void }) {
  const name = browserName(session.user_agent);
  const Icon = /Android|iOS/.test(name) ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <li className={classes.method}>
      <Icon size={20} stroke={1.75} aria-hidden />
      <div className={classes.methodText}>
        <div className={classes.rowName} title={session.user_agent}>
          {name} {session.current ? <Tag tone="good">{t.current}</Tag> : null}
        </div>
        <div className={classes.quiet}>
          {session.address ? `${session.address} · ` : null}
          {t.since} <RelativeTime at={session.created_at} />
          {' · '}
          {t.seen} <RelativeTime at={session.last_seen_at} />
        </div>
      </div>
      {session.current ? null : (
        <Button size="xs" variant="default" aria-label={t.endNamed({ name })} onClick={onEnd}>
          {t.end}
        </Button>
      )}
    </li>
  );
}
