import { count } from '@/lib/format';
import { audit } from '@/locales';

import type { Span } from '../verify/merkle';

const t = audit.proof.drawing;

/** The entries below a node, in words. */
export function spanWords({ from, to }: Span): string {
  const last = count(Number(to - 1n));
  return to - from === 1n ? t.entrySpan({ at: last }) : t.entriesSpan({ from: count(Number(from)), to: last });
}

/** The same in the room of a node. */
export function spanShort({ from, to }: Span): string {
  const last = String(to - 1n);
  return to - from === 1n ? t.leaf({ index: last }) : t.span({ from: String(from), to: last });
}
