import { ActionIcon, Button, Skeleton, Tooltip } from '@mantine/core';
import { IconPencil, IconPlayerStop } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { use, useEffect, useEffectEvent, useMemo } from 'react';

import { CopyButton } from '@/components/copyable';
import { Partial } from '@/components/feedback';
import { DecisionVerdict, Refusal } from '@/components/refusal';
import { ExecutionStateBadge } from '@/components/state-badge';
import { Elapsed } from '@/components/time';
import type { Execution, ExecutionSummary, Run } from '@/lib/api';
import { bytes, dateTime, duration } from '@/lib/format';
import { run as t } from '@/locales';

import { ArtifactRow } from '../artifacts/artifact-row';
import { Code } from '../editor/code';
import { FeedContext, useLiveBlocks } from '../live/feed';
import { blocksOf } from '../live/blocks';
import { Outputs } from '../outputs/outputs';
import { wordsOf } from '../ending';
import { executionQuery } from '../queries';
import { Receipt } from '../receipt/receipt';
import { isDone, languageOf } from '../states';
import { visible } from '@/lib/visible';
import { placeOf, stopOf } from './failure';
import classes from './cell.module.css';
import { Author } from './author';
import { useNear } from './near';

export interface CellActions {
  /** Writes the code into the editor of the next cell, with the line at which it failed; null where there is none. */
  edit: ((execution: Execution) => void) | null;
  jump: (number: number, line: number) => void;
  interrupt: () => void;
}

interface CellProps {
  run: Run;
  summary: ExecutionSummary;
  /** Fetched at once, without waiting to be scrolled to. */
  eager: boolean;
  pointed: { line: number; turn: number } | null;
  mayInterrupt: boolean;
  actions: CellActions;
}

/** One cell of the run: who wrote it, its code, how it stands, and all that came of it. */
export function Cell({ run, summary, eager, pointed, mayInterrupt, actions }: CellProps) {
  const { number } = summary;
  const [place, near] = useNear(eager);
  const query = useQuery({ ...executionQuery(run.id, number), enabled: near });
  const { data: execution, refetch } = query;
  // An event may have been lost; where the run's own record is ahead, fetch this one again.
  const behind = execution !== undefined && isDone(summary.state) && !isDone(execution.state);
  const catchUp = useEffectEvent(() => void refetch());
  useEffect(() => {
    if (behind) catchUp();
  }, [behind]);
  return (
    <article
      ref={place}
      className={classes.cell}
      tabIndex={-1}
      data-cell={number}
      aria-label={t.cell.label({ number })}
      aria-busy={!isDone(summary.state)}
    >
      {execution ? (
        <>
          <Head run={run} execution={execution} mayInterrupt={mayInterrupt} actions={actions} />
          <Body run={run} execution={execution} pointed={pointed} actions={actions} />
        </>
      ) : query.isError ? (
        <Refusal error={query.error} onRetry={() => void query.refetch()} live={false} />
      ) : (
        <div className={classes.loading}>
          <Skeleton height={10} width="30%" />
          <Skeleton height={10} width="55%" />
          <Skeleton height={10} width="42%" />
        </div>
      )}
    </article>
  );
}

interface HeadProps {
  run: Run;
  execution: Execution;
  mayInterrupt: boolean;
  actions: CellActions;
}

function Head({ run, execution, mayInterrupt, actions }: HeadProps) {
  const { number, state, code, language, receipt } = execution;
  const { edit } = actions;
  return (
    <header className={classes.head}>
      <span className={classes.number}>{t.cell.number({ number })}</span>
      <span className={classes.language}>{t.editor.languages[languageOf(language)]}</span>
      <Author execution={execution} owner={run.owner} onCorrects={(to) => actions.jump(to, 1)} />
      <span className={classes.space} />
      <Timing execution={execution} />
      <ExecutionStateBadge state={state} size="sm" variant="plain" />
      <span className={classes.tools}>
        {mayInterrupt && state === 'running' ? (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconPlayerStop size={13} aria-hidden />}
            onClick={actions.interrupt}
          >
            {t.actions.interrupt}
          </Button>
        ) : null}
        {receipt ? <Receipt runId={run.id} number={number} offered={receipt} /> : null}
        {code === null ? null : (
          <>
            {edit ? (
              <Tooltip label={t.cell.edit}>
                <ActionIcon size="sm" aria-label={t.cell.editNamed({ number })} onClick={() => edit(execution)}>
                  <IconPencil size={15} aria-hidden />
                </ActionIcon>
              </Tooltip>
            ) : null}
            <CopyButton text={code} name={t.cell.codeOf({ number })} />
          </>
        )}
      </span>
    </header>
  );
}

function Timing({ execution: { started_at: started, ended_at: ended, usage, state } }: { execution: Execution }) {
  if (state === 'running' && started) {
    return (
      <span className={classes.timing}>
        <Elapsed from={started} />
      </span>
    );
  }
  if (usage.wall_seconds === null) return null;
  const facts = [
    usage.cpu_seconds !== null ? t.cell.cpu({ time: duration(usage.cpu_seconds) }) : null,
    usage.peak_memory_bytes !== null ? t.cell.memory({ size: bytes(usage.peak_memory_bytes) }) : null,
    started ? t.cell.began({ time: dateTime(started) }) : null,
    ended ? t.cell.ended({ time: dateTime(ended) }) : null,
  ].filter((fact) => fact !== null);
  return (
    <Tooltip label={facts.join('\n')} multiline classNames={{ tooltip: classes.lines ?? '' }}>
      {/* The figures behind it have to be reached by the keyboard too. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <span className={classes.timing} tabIndex={0}>
        {duration(usage.wall_seconds)}
        {usage.peak_memory_bytes !== null ? (
          <span className={classes.memory}>{bytes(usage.peak_memory_bytes)}</span>
        ) : null}
      </span>
    </Tooltip>
  );
}

interface BodyProps {
  run: Run;
  execution: Execution;
  pointed: CellProps['pointed'];
  actions: CellActions;
}

function Body({ run, execution, pointed, actions }: BodyProps) {
  const { number, code, language, state, outputs } = execution;
  const done = isDone(state);
  const feed = use(FeedContext);
  const live = useLiveBlocks(number);
  // Of what was lost nothing is on record: whoever watched keeps what they saw until they leave.
  const onRecord = done && (state !== 'lost' || outputs.length > 0);
  const recorded = useMemo(() => (onRecord ? blocksOf(outputs) : null), [onRecord, outputs]);
  useEffect(() => {
    if (onRecord) feed?.forget(number);
  }, [onRecord, feed, number]);
  const stop = useMemo(() => (done ? stopOf(execution) : null), [done, execution]);
  const blocks = recorded ?? live.blocks;
  return (
    <>
      {code === null ? (
        <p className={classes.absent}>{t.cell.codeWithheld}</p>
      ) : (
        <Code
          code={code}
          language={languageOf(language)}
          label={t.cell.codeOf({ number })}
          failed={state === 'interrupted' ? null : (stop?.line ?? null)}
          pointed={pointed}
        />
      )}
      {blocks ? (
        <Outputs
          blocks={blocks}
          version={live.version}
          runId={run.id}
          number={number}
          live={!done}
          locate={(frame) => placeOf(frame, execution, stop)}
          onJump={actions.jump}
          stopped={state === 'interrupted'}
        />
      ) : null}
      {live.withheld && !done ? (
        <p className={classes.absent}>{t.cell.withheldLive({ rules: live.withheld.join(', ') })}</p>
      ) : null}
      {done ? <After run={run} execution={execution} empty={outputs.length === 0} /> : null}
    </>
  );
}

/** What there is to say when a cell is done, beyond its outputs. */
function After({ run, execution, empty }: { run: Run; execution: Execution; empty: boolean }) {
  const { release, truncated, artifacts, skipped_artifacts: skipped, ending, state, number } = execution;
  const withheld = release !== null && release.outcome !== 'allow';
  const fullText = artifacts.find((one) => one.name === `output-${number}.txt`);
  const others = artifacts.filter((one) => one !== fullText);
  // The end of code that failed is its traceback; what the platform ended says so itself.
  const said = state === 'failed' || state === 'interrupted';
  const ended = ending && state !== 'succeeded' && (!said || (empty && !withheld)) ? wordsOf(ending) : null;
  return (
    <>
      {truncated ? (
        <div className={classes.part}>
          <Partial title={t.cell.truncated}>
            {fullText ? t.cell.truncatedText : t.cell.truncatedNoText}
            {fullText ? <ArtifactRow runId={run.id} artifact={fullText} /> : null}
          </Partial>
        </div>
      ) : null}
      {withheld ? (
        <div className={classes.part}>
          <DecisionVerdict
            decision={release}
            title={release.outcome === 'review' ? t.cell.releaseReview : t.cell.releaseDenied}
            asked={t.cell.releaseAsked({ number })}
          />
        </div>
      ) : null}
      {ended ? (
        <div className={clsx(classes.part, classes.ending)} data-tone={state === 'interrupted' ? 'quiet' : 'bad'}>
          <p className={classes.endingMessage}>{ended.message}</p>
          {ended.remedy ? <p className={classes.endingRemedy}>{ended.remedy}</p> : null}
        </div>
      ) : null}
      {others.length || skipped.length ? (
        <div className={classes.artifacts}>
          {others.map((artifact) => (
            <ArtifactRow key={artifact.name} runId={run.id} artifact={artifact} />
          ))}
          {skipped.map(({ name, reason }) => (
            <p key={name} className={classes.skipped}>
              {t.artifacts.skipped({ name: visible(name), reason: visible(reason) })}
            </p>
          ))}
        </div>
      ) : null}
    </>
  );
}
