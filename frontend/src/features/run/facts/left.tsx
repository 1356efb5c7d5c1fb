import { Meter } from '@/components/meter';
import { Countdown, useLeft } from '@/components/time';
import type { Run } from '@/lib/api';
import { bytes, duration } from '@/lib/format';
import { run } from '@/locales';

import classes from './facts.module.css';

const t = run.left;

/** What is left of the run's time and memory, as it falls. */
export function Left({ run: one, runningSince }: { run: Run; runningSince: string | null }) {
  const { state, started_at: started, expires_at: expires, deadline_at: deadline, limits, usage } = one;
  const wall = limits.wall_seconds;
  return (
    <section className={classes.meters} aria-label={t.label}>
      {started && expires ? <TimeLeft label={t.life} from={started} until={expires} /> : null}
      {limits.memory_bytes ? (
        <Meter
          label={t.memory}
          value={usage.peak_memory_bytes ?? 0}
          max={limits.memory_bytes}
          text={t.memoryOf({
            left: bytes(Math.max(0, limits.memory_bytes - (usage.peak_memory_bytes ?? 0))),
            of: bytes(limits.memory_bytes),
          })}
          size="sm"
        />
      ) : null}
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
