import type { CheckedPackage } from '@/lib/api';
import { said } from '@/lib/said';
import type { Tone } from '@/lib/theme';
import { newRun } from '@/locales';

const t = newRun.packages;

export interface Judged {
  tone: Tone;
  /** In a few words, for a row. */
  short: string;
  /** In a sentence, while it is typed. */
  long: string;
  remedy: string;
  /** Whether an exception is what would help. */
  exception: boolean;
}

// What the writer can mend, no exception needed; said first, and alone.
const MENDABLE = new Set(['package_not_pinned', 'packages_conflict']);

/** What the platform's answer about one package means to who asks for it. */
export function judged(checked: CheckedPackage): Judged {
  const { asked, outcome, reasons, image_version: image, version } = checked;
  const name = asked.trim();
  if (outcome === 'allow' && image !== null && image === version) {
    return plain('quiet', t.inImageShort, t.inImage({ name: checked.name ?? name, version: image }));
  }
  if (outcome === 'allow') return plain('good', t.allowedShort, t.allowed({ name }));
  if (outcome === 'review') return { ...plain('wait', t.reviewShort, t.review({ name })), remedy: first(reasons) };
  const mendable = reasons.find(({ code }) => MENDABLE.has(code));
  const refused = reasons.find(({ code }) => !MENDABLE.has(code)) ?? mendable;
  // A name without a version is refused for that alone where the name itself may pass; the range helps to choose one.
  const versions = reasons.find(({ code }) => code === 'package_version_not_allowed');
  if (mendable && (!refused || refused === mendable || refused === versions)) {
    const message = said(mendable.message);
    return { tone: 'wait', short: message, long: message, remedy: (versions ?? mendable).remedy, exception: false };
  }
  const message = said(refused?.message ?? '');
  return { tone: 'refusal', short: message, long: message, remedy: refused?.remedy ?? '', exception: true };
}

function plain(tone: Tone, short: string, long: string): Judged {
  return { tone, short, long, remedy: '', exception: false };
}

function first(reasons: CheckedPackage['reasons']): string {
  return reasons[0]?.message ?? '';
}
