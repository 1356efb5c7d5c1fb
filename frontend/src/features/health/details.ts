import { shortened } from '@/components/copyable';
import type { Part } from '@/lib/api';
import { bytes, plural } from '@/lib/format';
import { health } from '@/locales';

const t = health.parts.details;

/** What a part tells of itself, in words. Figures that the page shows elsewhere, or does not know, are left out. */
export function detailsOf({ message, detail }: Part): string {
  const words = [message];
  if (typeof detail.free_bytes === 'number') words.push(t.free({ size: bytes(detail.free_bytes) }));
  if (typeof detail.processes === 'number') words.push(plural(detail.processes, t.process, t.processes));
  if (typeof detail.revision === 'string') words.push(t.revision({ digest: shortened(detail.revision) }));
  if (Array.isArray(detail.not_enforced) && detail.not_enforced.length) {
    words.push(t.notEnforced({ names: detail.not_enforced.join(', ') }));
  }
  return words.filter(Boolean).join(' · ');
}
