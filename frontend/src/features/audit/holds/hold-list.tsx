import { Button } from '@mantine/core';
import { IconGavel, IconLock, IconLockOpen } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';

import { Empty } from '@/components/feedback';
import { StateBadge, type Look } from '@/components/state-badge';
import { KeysetTable, type Column } from '@/components/table';
import { RelativeTime } from '@/components/time';
import type { Hold } from '@/lib/api';
import type { Membership } from '@/lib/session';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

import rows from '../rows.module.css';
import { LiftHold } from './lift-hold';
import { holdsQuery } from './queries';

const t = audit.holds;
const STANDS: Look = { tone: 'wait', icon: IconLock };
const LIFTED: Look = { tone: 'quiet', icon: IconLockOpen };

interface HoldListProps {
  project: string | null;
  projects: readonly Membership[];
  /** The projects whose holds the person may be able to lift; the platform decides. */
  mayLift: readonly string[];
}

/** Holds, newest first, lifted ones too. */
export function HoldList({ project, projects, mayLift }: HoldListProps) {
  const query = useInfiniteQuery(holdsQuery(project));
  const [lifting, setLifting] = useState<Hold | null>(null);
  const nameOf = (hold: Hold) => projects.find(({ id }) => id === hold.project)?.name ?? '';
  const lift = (hold: Hold) =>
    hold.lifted_at === null && mayLift.includes(hold.project) ? (
      <Button
        size="compact-sm"
        variant="default"
        aria-label={t.liftOne({ what: whatOf(hold, nameOf(hold)) })}
        onClick={() => setLifting(hold)}
      >
        {t.lift}
      </Button>
    ) : null;
  return (
    <>
      <KeysetTable
        label={t.list}
        nouns={[t.one, t.many]}
        query={query}
        columns={columns(nameOf, lift)}
        rowKey={({ id }) => id}
        rowHeight={54}
        narrowHeight={116}
        narrow={(hold) => (
          <div className={rows.narrow}>
            <div className={rows.line}>
              <span>{whatOf(hold, nameOf(hold))}</span>
              <State hold={hold} />
            </div>
            <span className={rows.muted}>{visibleName(hold.reason)}</span>
            <div className={rows.line}>
              <RelativeTime at={hold.placed_at} />
              {lift(hold)}
            </div>
          </div>
        )}
        empty={
          <Empty icon={IconGavel} title={t.none} size="part">
            {t.noneHint}
          </Empty>
        }
      />
      {lifting ? (
        <LiftHold hold={lifting} what={whatOf(lifting, nameOf(lifting))} onClose={() => setLifting(null)} />
      ) : null}
    </>
  );
}

function columns(nameOf: (hold: Hold) => string, lift: (hold: Hold) => ReactNode): Column<Hold>[] {
  const { what, reason, state, by, at } = t.columns;
  return [
    { key: 'what', header: what, width: 'minmax(8rem, 2fr)', cell: (hold) => whatOf(hold, nameOf(hold)) },
    {
      key: 'reason',
      header: reason,
      width: 'minmax(5rem, 2fr)',
      cell: (hold) => <span title={visibleName(hold.reason)}>{visibleName(hold.reason)}</span>,
    },
    { key: 'state', header: state, width: '7rem', cell: (hold) => <State hold={hold} /> },
    {
      key: 'by',
      header: by,
      width: 'minmax(0, 1fr)',
      cell: (hold) => <span className={rows.muted}>{visibleName(hold.placed_by_name)}</span>,
    },
    { key: 'at', header: at, width: '7.5rem', align: 'end', cell: (hold) => <RelativeTime at={hold.placed_at} /> },
    { key: 'lift', header: t.lift, width: '5rem', align: 'end', cell: lift },
  ];
}

function State({ hold: { lifted_at: at, lift_reason: reason } }: { hold: Hold }) {
  return at === null ? (
    <StateBadge look={STANDS} word={t.stands} variant="plain" size="sm" />
  ) : (
    <StateBadge look={LIFTED} word={t.lifted} sentence={visibleName(reason)} variant="plain" size="sm" />
  );
}

function whatOf(hold: Hold, project: string): string {
  return hold.subject_name === null
    ? t.whole({ project })
    : t.person({ name: visibleName(hold.subject_name), project });
}
