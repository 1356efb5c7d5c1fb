import { IconAlertTriangle, IconCheck, IconHelpCircle, IconPlugX } from '@tabler/icons-react';

import type { Look } from '@/components/state-badge';
import { health as t } from '@/locales';

const looks: Record<string, Look> = {
  ok: { tone: 'good', icon: IconCheck },
  degraded: { tone: 'wait', icon: IconAlertTriangle },
  down: { tone: 'bad', icon: IconPlugX },
};
const unknown: Look = { tone: 'quiet', icon: IconHelpCircle };

/** How a part's state looks and reads; one that the console does not know yet reads by its own name. */
export function stateOf(state: string): { look: Look; word: string; sentence: string } {
  const [word, sentence] = t.parts.states[state] ?? [state, ''];
  return { look: looks[state] ?? unknown, word, sentence };
}

/** What people call a part. */
export function nameOf(part: string): string {
  return t.parts.names[part] ?? part;
}
