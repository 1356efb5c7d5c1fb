import { session } from '@/locales';

import type { FieldError } from './client';

const WORDS: Record<string, string> = session.faults;

/** A fault in our words where its code is a known one. A signature that does not fit has the code of a wrong code. */
export function inWords({ code, message, param }: FieldError): string {
  if (param === 'credential') return session.passkeyFailed;
  return WORDS[code] ?? message;
}
