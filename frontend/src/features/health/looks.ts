import { IconCheck, IconPlugX } from '@tabler/icons-react';

import type { Look } from '@/components/state-badge';
import type { PartStateEnum } from '@/lib/api';
import { health as t } from '@/locales';

export const looks: Record<PartStateEnum, Look> = {
  ok: { tone: 'good', icon: IconCheck },
  down: { tone: 'bad', icon: IconPlugX },
};

/** What people call a part; one that the console does not know yet is called by its own name. */
export function nameOf(part: string): string {
  return t.parts.names[part] ?? part;
}
