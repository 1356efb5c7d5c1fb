import type { Integrity } from '@/lib/api';
import { duration } from '@/lib/format';
import type { Tone } from '@/lib/theme';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

const t = audit.integrity.alarms;

// As the health page's: an entry that waits longer than this is late.
const LATE_SECONDS = 10;

/** Something about a log that its auditor must not miss, or should know. */
export interface Alarm {
  tone: Extract<Tone, 'bad' | 'wait'>;
  text: string;
}

/** What is wrong with a log's standing, the worst first. */
export function alarmsOf({ last_verification: last, lag_seconds: lag, meta }: Integrity): Alarm[] {
  const alarms: Alarm[] = [];
  if (last && last.result !== 'verified') alarms.push({ tone: 'bad', text: t[last.result] });
  for (const { name, state } of meta.witnesses) {
    if (state === 'refusing') alarms.push({ tone: 'bad', text: t.refusing({ name: visibleName(name) }) });
  }
  if (lag > LATE_SECONDS) alarms.push({ tone: 'bad', text: t.late({ time: duration(lag) }) });
  for (const { name, state } of meta.witnesses) {
    if (state === 'silent') alarms.push({ tone: 'wait', text: t.silent({ name: visibleName(name) }) });
  }
  if (!meta.witnesses.length) alarms.push({ tone: 'wait', text: t.unwitnessed });
  if (!last) alarms.push({ tone: 'wait', text: t.unchecked });
  return alarms;
}
