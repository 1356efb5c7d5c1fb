import type { Reason } from '@/lib/api';
import { components } from '@/locales';

const t = components.refusal.exception;

/** The text that asks a policy admin for an exception: what was asked, every reason, and how to find the record. */
export function exceptionRequest(asked: string, reasons: readonly Reason[], requestId: string): string {
  const lines: string[] = [t.heading];
  if (asked) lines.push(t.asked({ text: asked }));
  for (const { code, message, remedy } of reasons) {
    lines.push(t.reason({ code, message }));
    if (remedy) lines.push(t.remedy({ text: remedy }));
  }
  if (requestId) lines.push(t.request({ id: requestId }));
  return lines.join('\n');
}
