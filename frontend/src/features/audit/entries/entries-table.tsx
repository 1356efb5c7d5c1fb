import { Button } from '@mantine/core';
import { IconFilterOff } from '@tabler/icons-react';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Empty } from '@/components/feedback';
import { KeysetTable, stretched, type Column } from '@/components/table';
import { RelativeTime } from '@/components/time';
import type { AuditEntry } from '@/lib/api';
import { count } from '@/lib/format';
import { useProjects, type Membership } from '@/lib/session';
import { visibleName } from '@/lib/visible';
import { audit as t, components } from '@/locales';

import { eventWords } from '../events';
import { Outcome } from '../outcome';
import { isFiltered } from '../question';
import rows from '../rows.module.css';
import { NO_FILTER, type AuditSearch } from '../search';
import { actorWords, notes, subjectWords } from '../words';
import classes from './entries.module.css';

const LABEL = 'entries-of-the-log';

interface EntriesTableProps {
  query: UseInfiniteQueryResult<InfiniteData<{ results: AuditEntry[] }>>;
  search: AuditSearch;
  onSearch: (change: AuditSearch) => void;
  manyProjects: boolean;
}

/** Entries, newest first, each with the way to its own page. */
export function EntriesTable({ query, search, onSearch, manyProjects }: EntriesTableProps) {
  const { all } = useProjects();
  const filtered = isFiltered(search);
  return (
    <div id={LABEL}>
      <KeysetTable
        label={t.list}
        nouns={[t.entry, t.entries]}
        query={query}
        columns={columns(manyProjects ? all : null)}
        rowKey={(entry) => entry.id}
        rowHeight={54}
        narrowHeight={84}
        narrow={(entry) => <NarrowRow entry={entry} />}
        empty={
          <Empty
            icon={IconFilterOff}
            title={filtered ? t.noneFound : t.noneYet}
            action={
              filtered ? (
                <Button variant="default" onClick={() => onSearch(NO_FILTER)}>
                  {components.filters.clear}
                </Button>
              ) : undefined
            }
          >
            {filtered ? t.noneFoundHint : t.noneYetHint}
          </Empty>
        }
      />
    </div>
  );
}

/** The first row's link: arrow keys go on from there. */
export function focusFirstEntry() {
  document.querySelector<HTMLElement>(`#${LABEL} .${stretched}`)?.focus();
}

function columns(projects: readonly Membership[] | null): Column<AuditEntry>[] {
  const { what, who, project, outcome, when, index } = t.columns;
  return [
    { key: 'what', header: what, width: 'minmax(11rem, 4fr)', cell: (entry) => <What entry={entry} /> },
    { key: 'who', header: who, width: 'minmax(5rem, 1fr)', cell: (entry) => <Who entry={entry} /> },
    ...(projects
      ? [
          {
            key: 'project',
            header: project,
            width: 'minmax(0, 1fr)',
            cell: (entry: AuditEntry) => (
              <span className={rows.muted}>{projects.find(({ id }) => id === entry.project)?.name}</span>
            ),
          },
        ]
      : []),
    { key: 'outcome', header: outcome, width: '7.5rem', cell: (entry) => <Outcome outcome={entry.outcome} /> },
    {
      key: 'when',
      header: when,
      width: '8rem',
      align: 'end',
      cell: (entry) => <RelativeTime at={entry.recorded_at} />,
    },
    { key: 'index', header: index, width: '5.5rem', align: 'end', cell: (entry) => <Index entry={entry} /> },
  ];
}

function NarrowRow({ entry }: { entry: AuditEntry }) {
  return (
    <div className={classes.narrow}>
      <What entry={entry} />
      <div className={classes.narrowLine}>
        <Outcome outcome={entry.outcome} />
        <Who entry={entry} />
        <RelativeTime at={entry.recorded_at} />
      </div>
    </div>
  );
}

function What({ entry }: { entry: AuditEntry }) {
  const told = [subjectWords(entry.subject), ...notes(entry)].join(' · ');
  return (
    <div className={rows.stacked}>
      <Link
        to="/audit/entries/$entryId"
        params={{ entryId: entry.id }}
        className={stretched}
        title={visibleName(entry.event)}
      >
        {eventWords(entry.event)}
      </Link>
      <span className={rows.note} title={told}>
        {told}
      </span>
    </div>
  );
}

function Who({ entry: { actor } }: { entry: AuditEntry }) {
  return (
    <span className={rows.muted} title={actor ?? undefined}>
      {actorWords(actor)}
    </span>
  );
}

function Index({ entry: { index } }: { entry: AuditEntry }) {
  if (index === null) return <span title={t.notYetIntegrated}>–</span>;
  return <span className={rows.muted}>{count(index)}</span>;
}
