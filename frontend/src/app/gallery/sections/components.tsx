import { Button } from '@mantine/core';
import { IconFileSpreadsheet, IconPlayerPlay } from '@tabler/icons-react';

import { Copyable } from '@/components/copyable';
import { Empty, ErrorState, Loading, Partial } from '@/components/feedback';
import { Keys } from '@/components/keys';
import { Meter } from '@/components/meter';
import { ExecutionStateBadge, executionLooks, RunStateBadge, runLooks, Tag } from '@/components/state-badge';
import { Countdown, Elapsed, RelativeTime } from '@/components/time';
import type { ExecutionStateEnum, RunStateEnum } from '@/lib/api';
import { TONES } from '@/lib/theme';

import { Case, Grid, Row } from '../case';
import { at, problem } from '../samples';

const RUN_STATES = Object.keys(runLooks) as RunStateEnum[];
const EXECUTION_STATES = Object.keys(executionLooks) as ExecutionStateEnum[];

export function States() {
  return (
    <>
      {(['filled', 'plain'] as const).map((variant) =>
        (['md', 'sm'] as const).map((size) => (
          <div key={variant + size}>
            <Row>
              {RUN_STATES.map((state) => (
                <RunStateBadge key={state} state={state} variant={variant} size={size} />
              ))}
            </Row>
            <Row>
              {EXECUTION_STATES.map((state) => (
                <ExecutionStateBadge key={state} state={state} variant={variant} size={size} />
              ))}
            </Row>
          </div>
        )),
      )}
      <Row>
        {TONES.map((tone) => (
          <Tag key={tone} tone={tone}>
            {tone}
          </Tag>
        ))}
      </Row>
    </>
  );
}

export function Small() {
  return (
    <Grid>
      <Case name="Copyable">
        <Row>
          <Copyable text="f37b4b41-1e77-4ca6-8585-fb20e9174ef6" name="run id" />
          <Copyable text={`sha256:${'9ee08c0b9687c07f'.repeat(4)}`} name="image digest" />
          <Copyable text="short" name="name" />
        </Row>
      </Case>
      <Case name="Times">
        <Row>
          <RelativeTime at={at(-2)} />
          <RelativeTime at={at(-312)} />
          <RelativeTime at={at(-90_000)} />
          <RelativeTime at={at(-9_000_000)} />
          <RelativeTime at={at(7_300)} future />
        </Row>
        <Row>
          <Countdown until={at(754)} />
          <Countdown until={at(-1)} />
          <Countdown until={at(3_723)} words={false} />
          <Elapsed from={at(-95)} to={at(-1)} />
        </Row>
      </Case>
      <Case name="Meters">
        <Meter label="Memory" value={1.2} max={4} text="1.2 GB of 4 GB" />
        <Meter label="Memory" value={3.2} max={4} text="3.2 GB of 4 GB" />
        <Meter label="Memory" value={3.9} max={4} text="3.9 GB of 4 GB" />
        <Meter label="Live runs" value={2} max={3} text="2 of 3" size="sm" />
      </Case>
      <Case name="Keys">
        <Row>
          <Keys keys="mod+k" />
          <Keys keys="g r" then="then" />
          <Keys keys="shift+enter" />
          <Keys keys="?" />
        </Row>
      </Case>
    </Grid>
  );
}

export function Feedback() {
  return (
    <Grid>
      <Case name="Empty page">
        <Empty
          icon={IconPlayerPlay}
          title="No runs yet"
          action={<Button leftSection={<IconPlayerPlay size={16} />}>New run</Button>}
        >
          Drop a spreadsheet anywhere on this page, and start from there.
        </Empty>
      </Case>
      <Case name="Empty part">
        <Empty icon={IconFileSpreadsheet} title="No files" size="part">
          Files that you add to the run are listed here.
        </Empty>
      </Case>
      <Case name="Loading">
        <Loading rows={4} />
      </Case>
      <Case name="Failed">
        <ErrorState error={problem(503, 'database_unavailable', 'The database does not answer now.')} />
      </Case>
      <Case name="Partial">
        <Partial onRetry={() => undefined}>The table has 2,000,000 rows; the first 100,000 are here.</Partial>
      </Case>
    </Grid>
  );
}
