import { Button } from '@mantine/core';
import { IconFilterOff } from '@tabler/icons-react';
import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Empty } from '@/components/feedback';
import { RunStateBadge, Tag } from '@/components/state-badge';
import { KeysetTable, stretched, type Column } from '@/components/table';
import { Elapsed, RelativeTime } from '@/components/time';
import type { Run } from '@/lib/api';
import { visibleName } from '@/lib/visible';
import { components, home as t } from '@/locales';

import { isFiltered } from './filter';
import classes from './home.module.css';
import type { RunPages } from './live';
import { noteOf } from './note';
import { NO_FILTER, type RunsSearch } from './search';

const LABEL = 'runs-of-home';

interface RunsTableProps {
  query: UseInfiniteQueryResult<RunPages>;
  search: RunsSearch;
  onSearch: (change: RunsSearch) => void;
  manyProjects: boolean;
}

export function RunsTable({ query, search, onSearch, manyProjects }: RunsTableProps) {
  return (
    <div id={LABEL}>
      <KeysetTable
        label={t.list}
        nouns={[t.run, t.runs]}
        query={query}
        columns={columns(manyProjects, search.who === 'all')}
        rowKey={(run) => run.id}
        rowHeight={54}
        narrowHeight={84}
        narrow={(run) => <NarrowRow run={run} withProject={manyProjects} />}
        empty={
          <Empty
            icon={IconFilterOff}
            title={t.noneFound}
            action={
              isFiltered(search) ? (
                <Button variant="default" onClick={() => onSearch(NO_FILTER)}>
                  {components.filters.clear}
                </Button>
              ) : undefined
            }
          >
            {t.noneFoundHint}
          </Empty>
        }
      />
    </div>
  );
}

/** The first row's link: arrow keys go on from there. */
export function focusFirstRun() {
  document.querySelector<HTMLElement>(`#${LABEL} .${stretched}`)?.focus();
}

function columns(withProject: boolean, withOwner: boolean): Column<Run>[] {
  const { state, purpose, project, owner, age, time } = t.columns;
  return [
    {
      key: 'state',
      header: state,
      width: 'minmax(8.5rem, 10.5rem)',
      cell: (run) => <RunStateBadge state={run.state} variant="plain" />,
    },
    {
      key: 'purpose',
      header: purpose,
      // With projects and owners beside it, all of them have to fit beside what waits.
      width: 'minmax(8rem, 4fr)',
      cell: (run) => (
        <div className={classes.purpose}>
          <Purpose run={run} />
          <Note run={run} />
        </div>
      ),
    },
    ...(withProject ? [text('project', project, (run) => visibleName(run.project_name))] : []),
    ...(withOwner ? [text('owner', owner, (run) => visibleName(run.owner.name))] : []),
    { key: 'age', header: age, width: '6.5rem', align: 'end', cell: (run) => <RelativeTime at={run.created_at} /> },
    { key: 'time', header: time, width: '3.75rem', align: 'end', cell: (run) => <Lasted run={run} /> },
  ];
}

function text(key: string, header: string, of: (run: Run) => string): Column<Run> {
  return {
    key,
    header,
    width: 'minmax(4rem, 1fr)',
    cell: (run) => (
      <span className={classes.muted} title={of(run)}>
        {of(run)}
      </span>
    ),
  };
}

function NarrowRow({ run, withProject }: { run: Run; withProject: boolean }) {
  return (
    <div className={classes.narrow}>
      <div className={classes.purpose}>
        <Purpose run={run} />
        <Note run={run} />
      </div>
      <div className={classes.narrowLine}>
        <RunStateBadge state={run.state} variant="plain" size="sm" />
        <span className={classes.muted}>{withProject ? visibleName(run.project_name) : null}</span>
        <RelativeTime at={run.created_at} />
      </div>
    </div>
  );
}

function Purpose({ run }: { run: Run }) {
  const purpose = visibleName(run.purpose);
  return (
    <span>
      <Link to="/runs/$runId" params={{ runId: run.id }} className={stretched} title={purpose}>
        {purpose}
      </Link>{' '}
      {run.requested_by === 'model' ? <Tag>{t.byModel}</Tag> : null}
    </span>
  );
}

function Note({ run }: { run: Run }) {
  const { tone, text: said } = noteOf(run);
  const words = visibleName(said);
  return (
    <span className={classes.note} data-tone={tone} title={words}>
      {words}
    </span>
  );
}

function Lasted({ run }: { run: Run }) {
  return run.started_at ? <Elapsed from={run.started_at} to={run.ended_at} /> : null;
}
