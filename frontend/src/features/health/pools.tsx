import { IconBox } from '@tabler/icons-react';

import { Empty } from '@/components/feedback';
import { Meter } from '@/components/meter';
import { Section } from '@/components/page';
import type { Pool } from '@/lib/api';
import { count } from '@/lib/format';
import { health } from '@/locales';

import classes from './health.module.css';

const t = health.pools;
const SHARED = '';

/** The sandboxes of each environment: those that wait, those that serve, those that are on their way. */
export function Pools({ pools }: { pools: readonly Pool[] }) {
  return (
    <Section title={t.title} lead={t.lead}>
      {pools.length ? (
        pools.map((pool) => <PoolCard key={pool.environment ?? SHARED} pool={pool} />)
      ) : (
        <Empty icon={IconBox} title={t.none} size="part">
          {t.noneHint}
        </Empty>
      )}
    </Section>
  );
}

function PoolCard({ pool }: { pool: Pool }) {
  const name = pool.environment ?? t.shared;
  const used = pool.warm + pool.claimed + pool.starting;
  const figures = [
    [t.warm, t.warmHint, pool.warm],
    [t.claimed, t.claimedHint, pool.claimed],
    [t.starting, t.startingHint, pool.starting],
  ] as const;
  return (
    <div className={classes.card}>
      <h3 className={classes.environment}>{name}</h3>
      <dl className={classes.figures}>
        {figures.map(([term, hint, n]) => (
          <div key={term}>
            <dt>
              {term} <span className={classes.hint}>{hint}</span>
            </dt>
            <dd>{count(n)}</dd>
          </div>
        ))}
      </dl>
      <Meter
        label={t.label({ environment: name })}
        value={used}
        max={pool.max}
        text={t.used({ used, max: pool.max })}
        // Warm ones make room by themselves: only a pool that is full of runs is short.
        warn={1.01}
        danger={1.01}
      />
    </div>
  );
}
