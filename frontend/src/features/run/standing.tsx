import {
  IconAlertOctagon,
  IconCircleMinus,
  IconClock,
  IconHourglass,
  IconLoader2,
  type Icon,
} from '@tabler/icons-react';
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { clsx } from 'clsx';
import type { ReactNode } from 'react';

import { DecisionVerdict } from '@/components/refusal';
import { Elapsed } from '@/components/time';
import type { Run } from '@/lib/api';
import { useSlowClock } from '@/lib/clock';
import { dateTime, until } from '@/lib/format';
import type { Tone } from '@/lib/theme';
import { run, states } from '@/locales';

import { wordsOf } from './ending';
import classes from './run.module.css';
import { visibleName } from '@/lib/visible';

const t = run.standing;

/** Where the run stands when it does not just work: what it waits for, or why it ended, and the way on. */
export function Standing({ run: one, onCancel }: { run: Run; onCancel: (() => void) | null }) {
  const { state, decision, queue_position: position, state_since: since, ending, purpose, project_name: project } = one;
  const asked = t.asked({ purpose: visibleName(purpose), project: visibleName(project) });
  switch (state) {
    case 'denied':
      return <DecisionVerdict decision={decision} title={t.denied} asked={asked} actions={<AskAgain run={one} />} />;
    case 'awaiting_approval':
      return <Awaiting run={one} asked={asked} onCancel={onCancel} />;
    case 'requested':
    case 'queued':
      return (
        <Notice tone="info" icon={state === 'queued' ? IconClock : IconHourglass} title={states.run[state][1]}>
          {position === null ? null : `${t.position({ n: position })} `}
          {t.waits} <Elapsed from={since} />
        </Notice>
      );
    case 'starting':
      return <Notice tone="info" icon={IconLoader2} moving title={states.run.starting[1]} />;
    case 'ready':
    case 'executing':
      return null;
    case 'closed':
      return <Notice tone="quiet" icon={IconCircleMinus} title={t.closed} />;
    case 'failed':
    case 'lost':
    case 'expired':
    case 'cancelled': {
      const words = ending && wordsOf(ending);
      return (
        <Notice
          tone={state === 'failed' || state === 'lost' ? 'bad' : 'quiet'}
          icon={state === 'failed' || state === 'lost' ? IconAlertOctagon : IconCircleMinus}
          title={words ? words.message : states.run[state][1]}
        >
          {words?.remedy ? <span>{words.remedy} </span> : null}
          {ending?.code ? <code className={classes.code}>{ending.code}</code> : null}
        </Notice>
      );
    }
  }
}

function Awaiting({ run: one, asked, onCancel }: { run: Run; asked: string; onCancel: (() => void) | null }) {
  const now = useSlowClock();
  const { decision, deadline_at: end } = one;
  const lapses = end ? t.lapses({ when: dateTime(end), left: until(end, now) }) : '';
  return (
    <DecisionVerdict
      decision={decision}
      title={t.awaiting}
      asked={asked}
      next={`${t.reviewed} ${lapses}`.trim()}
      actions={
        onCancel ? (
          <Button size="xs" variant="default" onClick={onCancel}>
            {run.cancelling.yes}
          </Button>
        ) : undefined
      }
    />
  );
}

function AskAgain({ run: { id } }: { run: Run }) {
  return (
    <Button size="xs" renderRoot={(props) => <Link to="/runs/new" search={{ from: id }} {...props} />}>
      {t.askAgain}
    </Button>
  );
}

interface NoticeProps {
  tone: Tone;
  icon: Icon;
  title: string;
  moving?: boolean;
  children?: ReactNode;
}

function Notice({ tone, icon: Sign, title, moving = false, children }: NoticeProps) {
  return (
    <div className={classes.notice} data-tone={tone} role="status">
      <Sign size={18} className={clsx(classes.sign, moving && classes.moving)} aria-hidden />
      <div>
        <p className={classes.noticeTitle}>{title}</p>
        {children ? <p className={classes.noticeText}>{children}</p> : null}
      </div>
    </div>
  );
}
