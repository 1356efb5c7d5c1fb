import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { usePastedFiles } from '@/components/drop-zone';
import { Loading } from '@/components/feedback';
import { focusSearch } from '@/components/filters';
import { Page } from '@/components/page';
import { rows } from '@/lib/api';
import { useSlowClock } from '@/lib/clock';
import { useCommands } from '@/lib/commands';
import { handOver } from '@/lib/handover';
import { useProjects } from '@/lib/session';
import { home as t } from '@/locales';

import { DropVeil } from './drop-veil';
import { filterOf, isFiltered, projectOf } from './filter';
import { Filters } from './filters/filters';
import classes from './home.module.css';
import { pulseQuery, runsQuery, waitingQuery } from './queries';
import { QuotaCard } from './quota-card';
import { focusFirstRun, RunsTable } from './runs-table';
import { runsSearch, type RunsSearch } from './search';
import { WaitingCard } from './waiting-card';
import { Welcome } from './welcome';

/** The runs of a person, what waits for them, and what is left to them. */
export function HomePage() {
  const search = useSearch({ from: '/signed-in/' });
  const client = useQueryClient();
  const navigate = useNavigate({ from: '/' });
  const { current, all } = useProjects();
  const switchedTo = current?.id ?? null;
  const filter = filterOf(search, switchedTo, useSlowClock());
  const list = useInfiniteQuery(runsQuery(filter));
  const waits = useQuery(waitingQuery);
  const known = useOnce(!(list.isPending || waits.isPending));
  useQuery({ ...pulseQuery(client, filter), enabled: list.isSuccess });

  const onSearch = (change: RunsSearch) =>
    void navigate({ search: (before) => runsSearch({ ...before, ...change }), replace: true, resetScroll: false });
  const begin = (files: File[]) => {
    handOver(files);
    void navigate({ to: '/runs/new' });
  };
  const isNew = list.isSuccess && !rows(list.data).length && !isFiltered(search);
  useHomeCommands();
  usePastedFiles(begin);

  return (
    <Page
      title={t.title}
      actions={
        <Button component={Link} to="/runs/new" leftSection={<IconPlus size={16} aria-hidden />}>
          {t.newRun}
        </Button>
      }
    >
      {known ? (
        <div className={classes.columns}>
          <div className={classes.main}>
            <Filters search={search} project={projectOf(search, switchedTo)} projects={all} onSearch={onSearch} />
            {isNew ? (
              <Welcome onFiles={begin} />
            ) : (
              <>
                <DropVeil onFiles={begin} />
                <RunsTable
                  query={list}
                  search={search}
                  onSearch={onSearch}
                  manyProjects={!projectOf(search, switchedTo) && all.length > 1}
                />
              </>
            )}
          </div>
          <aside className={classes.side}>
            <WaitingCard />
            <QuotaCard project={switchedTo} />
          </aside>
        </div>
      ) : (
        <Loading name={t.list} rows={8} height={54} />
      )}
    </Page>
  );
}

/**
 * Whether something was so once. On a narrow screen what waits stands above the list, and what is left below it: one that
 * comes after another would push it away, so the first view is shown whole.
 */
function useOnce(now: boolean): boolean {
  const [before, setBefore] = useState(now);
  if (now && !before) setBefore(true);
  return now || before;
}

function useHomeCommands() {
  const navigate = useNavigate();
  const { section } = t;
  useCommands([
    {
      id: 'home:new',
      title: t.newRun,
      section,
      keys: 'n',
      icon: IconPlus,
      run: () => void navigate({ to: '/runs/new' }),
    },
    { id: 'home:search', title: t.searchCommand, section, keys: '/', run: focusSearch },
    { id: 'home:first', title: t.firstRun, section, keys: 'j', run: focusFirstRun },
  ]);
}
