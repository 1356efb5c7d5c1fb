import { IconAlertOctagon, IconBan, IconCheck, IconCircleMinus, IconHourglass } from '@tabler/icons-react';

import { StateBadge, type Look } from '@/components/state-badge';
import { own } from '@/lib/own';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

const good: Look = { tone: 'good', icon: IconCheck };
const bad: Look = { tone: 'bad', icon: IconAlertOctagon };
const no: Look = { tone: 'refusal', icon: IconBan };
const quiet: Look = { tone: 'quiet', icon: IconCircleMinus };

const LOOKS: Readonly<Record<string, Look>> = {
  ok: { tone: 'quiet', icon: IconCheck },
  allow: good,
  succeeded: good,
  review: { tone: 'wait', icon: IconHourglass },
  deny: no,
  refused: no,
  failed: bad,
  timed_out: bad,
  out_of_memory: bad,
  lost: bad,
};

/** How what is recorded ended. */
export function Outcome({ outcome, variant = 'plain' }: { outcome: string; variant?: 'plain' | 'filled' }) {
  const word = own(audit.outcomes, outcome) ?? visibleName(outcome).replace(/_/g, ' ');
  return <StateBadge look={own(LOOKS, outcome) ?? quiet} word={word} variant={variant} size="sm" />;
}
