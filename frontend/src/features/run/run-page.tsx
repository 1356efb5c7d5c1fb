import { IconTerminal2 } from '@tabler/icons-react';
import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useEffectEvent, useRef, useState } from 'react';

import { Empty, ErrorState, Loading } from '@/components/feedback';
import { Page } from '@/components/page';
import { Refusal } from '@/components/refusal';
import type { Execution, Run } from '@/lib/api';
import { announce } from '@/lib/announce';
import { useMe } from '@/lib/session';
import { run as t, states } from '@/locales';

import { RunArtifacts } from './artifacts/run-artifacts';
import { Cell, type CellActions } from './cell/cell';
import { Composer, type ComposerHandle } from './cell/composer';
import { stopOf } from './cell/failure';
import { Facts } from './facts/facts';
import { Left } from './facts/left';
import { Actions, Lead } from './header';
import { FeedContext, useFeed } from './live/feed';
import { executionQuery, runQuery } from './queries';
import classes from './run.module.css';
import { useDoing, useRunCommands } from './run-commands';
import { Standing } from './standing';
import { languageOf, takesCode } from './states';
import { useKeptInSight } from './use-kept-in-sight';
import { visibleName } from '@/lib/visible';

// Cells fetched and shown at once; those after them when they come near to what is seen.
const EAGER = 12;

export function RunPage() {
  const { runId } = useParams({ from: '/signed-in/runs/$runId' });
  const query = useQuery(runQuery(runId));
  // Another run is another page: nothing of the one before may be left in it.
  if (query.data) return <Loaded key={runId} run={query.data} />;
  return (
    <Page title={t.title}>
      {query.isError ? (
        <ErrorState error={query.error} asked={t.asked} onRetry={() => void query.refetch()} />
      ) : (
        <Loading name={t.title} rows={6} height={72} />
      )}
    </Page>
  );
}

function Loaded({ run }: { run: Run }) {
  const feed = useFeed(run);
  const arrived = useFirstCells(run);
  const composer = useRef<ComposerHandle>(null);
  const cells = useRef<HTMLDivElement>(null);
  const doing = useDoing(run);
  const [pointed, setPointed] = useState<{ number: number; line: number; turn: number } | null>(null);
  const client = useQueryClient();
  const me = useMe();
  useAnnouncements(run);
  useKeptInSight(cells, arrived);

  const leave = () => focusCell(cells.current, run.executions.at(-1)?.number ?? null);
  const edit = (execution: Execution) => {
    if (execution.code === null) return;
    composer.current?.write(execution.code, languageOf(execution.language), stopOf(execution));
  };
  const writes = takesCode(run.state) && run.owner.id === me.id;
  const actions: CellActions = {
    edit: writes ? edit : null,
    jump: (number, line) => {
      setPointed((before) => ({ number, line, turn: (before?.turn ?? 0) + 1 }));
      cells.current?.querySelector(`[data-cell="${number}"]`)?.scrollIntoView({ block: 'nearest' });
    },
    interrupt: () => doing.interrupt.mutate(),
  };
  const editFocused = (number: number) => {
    const execution = client.getQueryData(executionQuery(run.id, number).queryKey);
    if (execution) edit(execution);
  };
  useRunCommands({ run, doing, composer, cells, editFocused });
  const running = run.executions.find((one) => one.state === 'running')?.number;
  const { data: execution } = useQuery({ ...executionQuery(run.id, running ?? 0), enabled: running !== undefined });

  const open = takesCode(run.state);
  const failed = [doing.interrupt, doing.close, doing.cancel, doing.notebook].find((one) => one.isError);
  const next = (run.executions.at(-1)?.number ?? 0) + 1;
  return (
    <FeedContext value={feed}>
      <Page
        title={visibleName(run.purpose)}
        heading={<span className={classes.heading}>{visibleName(run.purpose)}</span>}
        lead={<Lead run={run} feed={feed} />}
        actions={<Actions run={run} doing={doing} />}
      >
        {arrived ? (
          <div className={classes.layout}>
            <div ref={cells} className={classes.cells}>
              {failed ? <Refusal error={failed.error} onRetry={() => failed.reset()} /> : null}
              <Standing run={run} onCancel={run.owner.id === me.id ? doing.confirm.open : null} />
              {run.executions.map((summary, at) => (
                <Cell
                  key={summary.number}
                  run={run}
                  summary={summary}
                  eager={at < EAGER}
                  pointed={pointed?.number === summary.number ? pointed : null}
                  mayInterrupt={run.state === 'executing'}
                  actions={actions}
                />
              ))}
              {open && !writes ? (
                <p className={classes.foreign}>{t.composer.notYours({ name: visibleName(run.owner.name) })}</p>
              ) : open ? (
                <Composer
                  ref={composer}
                  run={run}
                  next={next}
                  onLeave={leave}
                  onAdded={() => keepInSight(cells.current)}
                />
              ) : run.executions.length || run.state === 'denied' ? null : (
                <Empty icon={IconTerminal2} title={t.empty.title} size="part">
                  {t.empty.text}
                </Empty>
              )}
            </div>
            <aside className={classes.side} aria-label={t.side}>
              {open && run.started_at ? (
                <div className={classes.vital}>
                  <Left run={run} runningSince={execution?.started_at ?? null} />
                </div>
              ) : null}
              <RunArtifacts run={run} />
              <Facts run={run} />
            </aside>
          </div>
        ) : (
          <Loading name={t.title} rows={6} height={72} />
        )}
      </Page>
    </FeedContext>
  );
}

/**
 * Whether the cells that are fetched at once are there. They are shown together: one that fills after the next is shown
 * pushes that one away from under who reads it.
 */
function useFirstCells({ id, executions }: Run): boolean {
  const [first] = useState(() => executions.slice(0, EAGER));
  const results = useQueries({ queries: first.map(({ number }) => executionQuery(id, number)) });
  return results.every(({ isPending }) => !isPending);
}

/** Says to who does not see it what became of the run and of its cells. */
function useAnnouncements(run: Run): void {
  const before = useRef(run);
  const tell = useEffectEvent(() => {
    const last = before.current;
    before.current = run;
    if (last.state !== run.state && run.state !== 'executing' && run.state !== 'ready') {
      announce(t.announce.run({ state: states.run[run.state][0] }));
    }
    for (const { number, state } of run.executions) {
      const was = last.executions.find((one) => one.number === number)?.state;
      if (was !== state && state !== 'queued') announce(t.announce.cell({ number, state: states.execution[state][0] }));
    }
  });
  useEffect(() => tell(), [run]);
}

function focusCell(cells: HTMLElement | null, number: number | null): void {
  const last = number === null ? null : cells?.querySelector<HTMLElement>(`[data-cell="${number}"]`);
  if (last) last.focus();
  else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
}

/** After a cell was added the editor moves down: keep it, and what comes above it, in sight. */
function keepInSight(cells: HTMLElement | null): void {
  requestAnimationFrame(() => cells?.querySelector('[data-composer]')?.scrollIntoView({ block: 'nearest' }));
}
