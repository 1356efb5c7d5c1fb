import {
  IconAlertOctagon,
  IconAlertTriangle,
  IconCheck,
  IconPlugX,
  IconShieldCheck,
  IconShieldHalf,
  IconShieldX,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { Copyable } from '@/components/copyable';
import { ErrorState, Loading, Partial } from '@/components/feedback';
import { StateBadge, type Look } from '@/components/state-badge';
import { RelativeTime } from '@/components/time';
import type { Integrity, WitnessStateEnum } from '@/lib/api';
import { count, duration } from '@/lib/format';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

import { alarmsOf, type Alarm } from './alarms';
import classes from './integrity.module.css';
import { integrityQuery } from './queries';

const t = audit.integrity;

const LOOKS = {
  good: { tone: 'good', icon: IconShieldCheck },
  wait: { tone: 'wait', icon: IconShieldHalf },
  bad: { tone: 'bad', icon: IconShieldX },
} as const satisfies Record<string, Look>;
const WITNESSES: Record<WitnessStateEnum, Look> = {
  ok: { tone: 'good', icon: IconCheck },
  silent: { tone: 'wait', icon: IconPlugX },
  refusing: { tone: 'bad', icon: IconAlertOctagon },
};

/** One log, live. */
export function LogCard({ project, name }: { project: string | null; name: string }) {
  const query = useQuery(integrityQuery(project));
  const again = () => void query.refetch();
  const log = query.data;
  return (
    <section className={classes.card} aria-label={name}>
      <header className={classes.head}>
        <h2>{name}</h2>
        {log ? <Overall alarms={alarmsOf(log)} /> : null}
      </header>
      {query.isPending ? <Loading name={name} rows={6} /> : null}
      {query.error && !log ? <ErrorState error={query.error} asked={t.asked({ name })} onRetry={again} /> : null}
      {query.error && log ? (
        <Partial title={t.stale} onRetry={again}>
          {t.staleHint}
        </Partial>
      ) : null}
      {log ? (
        <>
          <Alarms alarms={alarmsOf(log)} />
          <Standing log={log} />
          <Witnesses log={log} />
          <Keys log={log} />
        </>
      ) : null}
    </section>
  );
}

function Overall({ alarms }: { alarms: readonly Alarm[] }) {
  const worst = alarms[0]?.tone ?? 'good';
  const [word, sentence] = t.states[worst];
  return <StateBadge look={LOOKS[worst]} word={word} sentence={sentence} />;
}

function Alarms({ alarms }: { alarms: readonly Alarm[] }) {
  if (!alarms.length) return null;
  return (
    <ul className={classes.alarms}>
      {alarms.map(({ tone, text }) => (
        <li key={text} data-tone={tone} role={tone === 'bad' ? 'alert' : undefined}>
          <IconAlertTriangle size={16} aria-hidden />
          <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}

function Standing({ log }: { log: Integrity }) {
  const last = log.last_verification;
  return (
    <dl className={classes.figures}>
      <Figure name={t.size}>{count(log.size)}</Figure>
      <Figure name={t.checkpoint}>
        <RelativeTime at={log.checkpoint_at} />
      </Figure>
      <Figure name={t.lag} hint={t.waiting({ n: count(log.unintegrated) })}>
        {duration(log.lag_seconds)}
      </Figure>
      <Figure name={t.checked} hint={last ? t.checkedSize({ n: count(last.size) }) : t.neverHint}>
        {last ? <RelativeTime at={last.at} /> : t.never}
      </Figure>
      <Figure name={t.cosigned} hint={t.metaSize({ n: count(log.meta.size) })}>
        {log.meta.cosigned_at ? <RelativeTime at={log.meta.cosigned_at} /> : t.never}
      </Figure>
    </dl>
  );
}

function Figure({ name, hint, children }: { name: string; hint?: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {children}
        {hint ? <span className={classes.hint}>{hint}</span> : null}
      </dd>
    </div>
  );
}

function Witnesses({ log: { meta } }: { log: Integrity }) {
  return (
    <div className={classes.part}>
      <h3>{t.witnesses}</h3>
      {meta.witnesses.length ? (
        <ul className={classes.rows}>
          {meta.witnesses.map(({ name, state, cosigned_at: at }) => (
            <li key={name}>
              <span className={classes.name}>{visibleName(name)}</span>
              <StateBadge
                look={WITNESSES[state]}
                word={t.witnessStates[state][0]}
                sentence={t.witnessStates[state][1]}
                size="sm"
              />
              <span className={classes.hint}>{at ? <RelativeTime at={at} /> : t.never}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className={classes.hint}>{t.noWitness}</p>
      )}
    </div>
  );
}

function Keys({ log: { keys, root, origin } }: { log: Integrity }) {
  return (
    <div className={classes.part}>
      <h3>{t.compare}</h3>
      <ul className={classes.rows}>
        <li>
          <span className={classes.hint}>{t.origin}</span>
          <Copyable text={origin} name={t.origin} shown={visibleName(origin)} />
        </li>
        <li>
          <span className={classes.hint}>{t.root}</span>
          <Copyable text={root} name={t.root} shown={`${root.slice(0, 16)}…`} />
        </li>
        {keys.map((key, at) => (
          <li key={key}>
            <span className={classes.hint}>{at === keys.length - 1 ? t.key : t.oldKey}</span>
            <Copyable text={key} name={t.key} shown={shortKey(key)} />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What tells two keys of one name apart: the id and the key itself. */
function shortKey(key: string): string {
  const [, id = '', encoded = ''] = key.split('+');
  return `${id}+${encoded.slice(0, 12)}…`;
}
