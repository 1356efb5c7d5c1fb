import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { Meter } from '@/components/meter';
import type { Run } from '@/lib/api';
import { announce } from '@/lib/announce';
import { useAttended } from '@/lib/attention';
import { bytes } from '@/lib/format';
import { run } from '@/locales';

import { usageQuery } from '../queries';
import { hasSandbox } from '../states';
import { sandboxFacts } from './sandbox';

const t = run.left;
const [SPARE, SCARCE] = [0.75, 0.9];

/** How much memory is left of the run's limit, as it falls and rises; its peak where nobody can tell. */
export function MemoryLeft({ run: one }: { run: Run }) {
  const limit = one.limits.memory_bytes ?? 0;
  const looked = useAttended();
  const { data } = useQuery({ ...usageQuery(one.id), enabled: looked && limit > 0 && hasSandbox(one.state) });
  const held = data?.memory_bytes ?? null;
  const limited = !sandboxFacts(one.sandbox)?.notEnforced.includes('memory_bytes');
  useWarning(limited && held !== null ? held / limit : 0);
  if (!limit) return null;
  const used = held ?? one.usage.peak_memory_bytes ?? 0;
  const text = !limited
    ? t.memoryUnlimited({ used: bytes(used) })
    : held === null && used
      ? t.memoryPeak({ used: bytes(used), of: bytes(limit) })
      : t.memoryOf({ left: bytes(limit - used), of: bytes(limit) });
  // Where no limit is held, none is near.
  const marks = limited ? { warn: SPARE, danger: SCARCE } : { warn: Infinity, danger: Infinity };
  return <Meter label={t.memory} value={used} max={limit} text={text} size="sm" {...marks} />;
}

/** Says once that memory is nearly used up, and not again before it was not. */
function useWarning(share: number): void {
  const warned = useRef(false);
  useEffect(() => {
    if (share >= SCARCE && !warned.current) announce(t.memoryScarce);
    if (share >= SCARCE || share < SPARE) warned.current = share >= SCARCE;
  }, [share]);
}
