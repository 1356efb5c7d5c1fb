import { Link } from '@tanstack/react-router';

import { Copyable } from '@/components/copyable';
import { Section } from '@/components/page';
import { RelativeTime } from '@/components/time';
import type { AuditEntry } from '@/lib/api';
import { count, dateTime } from '@/lib/format';
import { useProjects } from '@/lib/session';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

import { Outcome } from '../outcome';
import { actorWords, runOf, subjectWords } from '../words';
import classes from './entry.module.css';
import { Fact, FactsList } from './facts-list';
import { Value } from './value';

const t = audit.one;

/** What an entry says, in words where there are some and as it stands where there are none. */
export function EntryFacts({ entry }: { entry: AuditEntry }) {
  const facts = Object.entries(entry.facts);
  return (
    <div className={classes.pair}>
      <Section title={t.facts}>
        <Header entry={entry} />
      </Section>
      <Section title={t.details}>
        {facts.length ? (
          <FactsList>
            {facts.map(([name, value]) => (
              <Fact key={name} name={visibleName(name).replace(/_/g, ' ')}>
                <Value name={name} value={value} />
              </Fact>
            ))}
          </FactsList>
        ) : (
          <p className={classes.muted}>{t.noDetails}</p>
        )}
      </Section>
    </div>
  );
}

function Header({ entry }: { entry: AuditEntry }) {
  const { all } = useProjects();
  const run = runOf(entry);
  return (
    <FactsList>
      <Fact name={t.outcome}>
        <Outcome outcome={entry.outcome} variant="filled" />
      </Fact>
      <Fact name={t.who} hint={t.whoHint}>
        {entry.actor ? (
          <>
            <Copyable text={entry.actor} name={t.who} />
            <span className={classes.links}>
              <Link to="/audit" search={{ actor: entry.actor }}>
                {t.sameActor}
              </Link>
            </span>
          </>
        ) : (
          actorWords(null)
        )}
      </Fact>
      <Fact name={t.subject}>
        <span title={entry.subject}>{subjectWords(entry.subject)}</span>
        {run ? (
          <span className={classes.links}>
            <Link to="/runs/$runId" params={{ runId: run }}>
              {t.openRun}
            </Link>
            <Link to="/audit" search={{ run }}>
              {t.sameSubject}
            </Link>
          </span>
        ) : null}
      </Fact>
      <Fact name={t.when} hint={t.whenHint}>
        {dateTime(entry.recorded_at)} <span className={classes.muted}>(</span>
        <RelativeTime at={entry.recorded_at} />
        <span className={classes.muted}>)</span>
      </Fact>
      <Fact name={t.project}>{all.find(({ id }) => id === entry.project)?.name ?? audit.platformLog}</Fact>
      <Fact name={t.index}>{entry.index === null ? audit.notYetIntegrated : count(entry.index)}</Fact>
      <Fact name={t.event}>
        <code className={classes.code}>{visibleName(entry.event)}</code> {t.version({ n: entry.version })}
      </Fact>
      <Fact name={t.id}>
        <Copyable text={entry.id} name={t.id} />
      </Fact>
      <Fact name={t.leaf}>
        <Copyable text={entry.leaf_hash} name={t.leaf} />
      </Fact>
    </FactsList>
  );
}
