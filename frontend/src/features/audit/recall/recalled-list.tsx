import { IconListSearch } from '@tabler/icons-react';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';

import { shortened } from '@/components/copyable';
import { Empty } from '@/components/feedback';
import { RunStateBadge, runLooks } from '@/components/state-badge';
import { KeysetTable, stretched, type Column } from '@/components/table';
import { RelativeTime } from '@/components/time';
import type { Recalled, RunStateEnum } from '@/lib/api';
import { count } from '@/lib/format';
import type { Membership } from '@/lib/session';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

import rows from '../rows.module.css';
import { ReleasedDialog, ReleasedSummary } from './released';
import { cellsWords, whyWords } from './words';

const t = audit.recall;
const LABEL = 'recalled-runs';
const MOST_REASONS = 2;

interface RecalledListProps {
  query: UseInfiniteQueryResult<InfiniteData<{ results: Recalled[] }>>;
  projects: readonly Membership[];
}

/** The runs that the question is about, the last asked for first. */
export function RecalledList({ query, projects }: RecalledListProps) {
  const [opened, setOpened] = useState<Recalled | null>(null);
  const nameOf = (recalled: Recalled) => projects.find(({ id }) => id === recalled.project)?.name ?? null;
  const released = (recalled: Recalled) => <ReleasedSummary recalled={recalled} onOpen={() => setOpened(recalled)} />;
  return (
    <div id={LABEL}>
      <KeysetTable
        label={t.list}
        nouns={[t.one, t.many]}
        query={query}
        columns={columns(nameOf, released)}
        rowKey={({ run }) => run}
        rowHeight={62}
        narrowHeight={148}
        narrow={(recalled) => (
          <div className={rows.narrow}>
            <div className={rows.line}>
              <RunLink recalled={recalled} />
              <State recalled={recalled} />
            </div>
            <Note recalled={recalled} project={nameOf(recalled)} />
            <Why recalled={recalled} />
            <div className={rows.line}>
              {released(recalled)}
              <RelativeTime at={recalled.requested_at} />
            </div>
          </div>
        )}
        empty={
          <Empty icon={IconListSearch} title={t.none} size="part">
            {t.noneHint}
          </Empty>
        }
      />
      {opened ? <ReleasedDialog recalled={opened} onClose={() => setOpened(null)} /> : null}
    </div>
  );
}

/** The first row's link: arrow keys go on from there. */
export function focusFirstRecalled() {
  document.querySelector<HTMLElement>(`#${LABEL} .${stretched}`)?.focus();
}

type Show<T> = (recalled: Recalled) => T;

function columns(nameOf: Show<string | null>, released: Show<ReactNode>): Column<Recalled>[] {
  const { run, why, state, at, released: taken } = t.columns;
  return [
    {
      key: 'run',
      header: run,
      width: 'minmax(6rem, 1fr)',
      cell: (recalled) => (
        <div className={rows.stacked}>
          <RunLink recalled={recalled} />
          <Note recalled={recalled} project={nameOf(recalled)} />
        </div>
      ),
    },
    { key: 'why', header: why, width: 'minmax(5rem, 2fr)', cell: (recalled) => <Why recalled={recalled} /> },
    { key: 'state', header: state, width: '7rem', cell: (recalled) => <State recalled={recalled} /> },
    { key: 'released', header: taken, width: 'minmax(7rem, 1.5fr)', cell: released },
    {
      key: 'at',
      header: at,
      width: '7.5rem',
      align: 'end',
      cell: (recalled) => <RelativeTime at={recalled.requested_at} />,
    },
  ];
}

/** The run itself; where the person does not see it, what the log says of it. */
function RunLink({ recalled: { run, state } }: { recalled: Recalled }) {
  return state === null ? (
    <Link to="/audit" search={{ run, project: 'all' }} className={stretched} title={run}>
      {shortened(run)}
    </Link>
  ) : (
    <Link to="/runs/$runId" params={{ runId: run }} className={stretched} title={run}>
      {shortened(run)}
    </Link>
  );
}

function Note({ recalled, project }: { recalled: Recalled; project: string | null }) {
  const said = [project, cellsWords(recalled)].filter(Boolean).join(' · ');
  return (
    <span className={rows.note} title={said}>
      {said}
    </span>
  );
}

function Why({ recalled: { why } }: { recalled: Recalled }) {
  const left = why.length - MOST_REASONS;
  return (
    <div className={rows.stacked} title={visibleName(why.join('\n'))}>
      {why.slice(0, MOST_REASONS).map((each) => (
        <span key={each}>{whyWords(each)}</span>
      ))}
      {left > 0 ? <span className={rows.note}>{t.moreReasons({ n: count(left) })}</span> : null}
    </div>
  );
}

function State({ recalled: { state } }: { recalled: Recalled }) {
  if (state === null) return <span className={rows.muted}>{t.unseen}</span>;
  return isState(state) ? (
    <RunStateBadge state={state} variant="plain" size="sm" />
  ) : (
    <span className={rows.muted}>{visibleName(state)}</span>
  );
}

function isState(state: string): state is RunStateEnum {
  return Object.hasOwn(runLooks, state);
}
