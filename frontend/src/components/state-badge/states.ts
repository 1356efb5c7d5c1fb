import {
  IconAlertOctagon,
  IconBan,
  IconCheck,
  IconCircleDotted,
  IconCircleMinus,
  IconClock,
  IconClockX,
  IconGauge,
  IconHourglass,
  IconLoader2,
  IconPlayerStop,
  IconPlugX,
  IconPrompt,
  type Icon,
} from '@tabler/icons-react';

import type { ExecutionStateEnum, RunStateEnum } from '@/lib/api';
import type { Tone } from '@/lib/theme';

export interface Look {
  tone: Tone;
  icon: Icon;
  /** Goes on by itself: the icon turns. */
  moving?: boolean;
}

export const runLooks: Record<RunStateEnum, Look> = {
  requested: { tone: 'info', icon: IconCircleDotted },
  denied: { tone: 'refusal', icon: IconBan },
  awaiting_approval: { tone: 'wait', icon: IconHourglass },
  queued: { tone: 'info', icon: IconClock },
  starting: { tone: 'info', icon: IconLoader2, moving: true },
  ready: { tone: 'live', icon: IconPrompt },
  executing: { tone: 'info', icon: IconLoader2, moving: true },
  closed: { tone: 'quiet', icon: IconCheck },
  failed: { tone: 'bad', icon: IconAlertOctagon },
  cancelled: { tone: 'quiet', icon: IconCircleMinus },
  expired: { tone: 'quiet', icon: IconClockX },
  lost: { tone: 'bad', icon: IconPlugX },
};

export const executionLooks: Record<ExecutionStateEnum, Look> = {
  queued: { tone: 'quiet', icon: IconClock },
  running: { tone: 'info', icon: IconLoader2, moving: true },
  succeeded: { tone: 'good', icon: IconCheck },
  failed: { tone: 'bad', icon: IconAlertOctagon },
  timed_out: { tone: 'bad', icon: IconClockX },
  out_of_memory: { tone: 'bad', icon: IconGauge },
  interrupted: { tone: 'quiet', icon: IconPlayerStop },
  lost: { tone: 'bad', icon: IconPlugX },
};
