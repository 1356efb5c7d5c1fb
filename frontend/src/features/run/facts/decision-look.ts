import { IconBan, IconCheck, IconHourglass } from '@tabler/icons-react';

import type { Look } from '@/components/state-badge';

export const decisionLook: Record<'allow' | 'review' | 'deny', Look> = {
  allow: { tone: 'good', icon: IconCheck },
  review: { tone: 'wait', icon: IconHourglass },
  deny: { tone: 'refusal', icon: IconBan },
};
