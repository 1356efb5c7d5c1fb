import { Meter } from '@/components/meter';
import { Countdown, useLeft } from '@/components/time';
import type { Run } from '@/lib/api';
import { duration } from '@/lib/format';
import { run } from '@/locales';

import classes from './facts.module.css';
import { MemoryLeft } from './memory-left';

const t = run.left;

/** What is left of the run's time and memory, as it falls. */
export function Left({ run: one, runningSince }: { run: Run; runningSince: string | null }) {
  const { state, started_at: started, expires_at: expires, deadline_at: deadline, limits } = one;
  const wall = limits.wall_seconds;
  return (
    <section className={classes.meters} aria-label={t.label}>
      {started && expires ? <TimeLeft label={t.life} from={started} until={expires} /> : null}
      <MemoryLeft run={one} />
      {/* Last, as it comes and goes: nothing that is read stands below it. */}
      {state === 'executing' && runningSince && wall ? (
        <TimeLeft label={t.cell} from={runningSince} until={after(runningSince, wall)} />
      ) : null}
      {state === 'ready' && deadline && limits.idle_seconds ? (
        <TimeLeft label={t.idle} from={after(deadline, -limits.idle_seconds)} until={deadline} />
      ) : null}
    </section>
  );
}

function TimeLeft({ label, from, until }: { label: string; from: string; until: string }) {
  const left = useLeft(until);
  const whole = Math.max(1, (Date.parse(until) - Date.parse(from)) / 1000);
  return (
    <Meter
      label={label}
      value={whole - left}
      max={whole}
      text={t.timeOf({ left: duration(left), of: duration(whole) })}
      size="sm"
    >
      <Countdown until={until} />
    </Meter>
  );
}

function after(moment: string, seconds: number): string {
  return new Date(Date.parse(moment) + seconds * 1000).toISOString();
}
