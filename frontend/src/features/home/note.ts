import type { Run } from '@/lib/api';
import { said } from '@/lib/said';
import type { Tone } from '@/lib/theme';
import { home as t } from '@/locales';

/** The second line of a run: why it stands where it stands, or what it is made of. */
export function noteOf(run: Run): { tone?: Tone; text: string } {
  const { state, ending, decision, queue_position: place } = run;
  if (state === 'queued' && place !== null) return { tone: 'info', text: t.queued({ place }) };
  if (state === 'denied' && decision.reasons[0]) return { tone: 'refusal', text: decision.reasons[0].message };
  if (state === 'awaiting_approval' && decision.reasons[0]) return { tone: 'wait', text: decision.reasons[0].message };
  if ((state === 'failed' || state === 'lost') && ending) return { tone: 'bad', text: said(ending.message) };
  if (state === 'expired' && ending) return { text: said(ending.message) };
  const parts = [run.environment.name];
  if (run.executions.length) parts.push(t.cells({ n: run.executions.length }));
  if (run.files.length === 1 && run.files[0]) parts.push(run.files[0].name);
  else if (run.files.length) parts.push(t.files({ n: run.files.length }));
  if (run.packages.length) parts.push(run.packages.join(', '));
  return { text: parts.join(' · ') };
}
