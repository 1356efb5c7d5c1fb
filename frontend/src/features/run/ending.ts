import type { Run } from '@/lib/api';
import { said } from '@/lib/said';
import { visible } from '@/lib/visible';
import { run } from '@/locales';

type Ending = NonNullable<Run['ending']>;
const t: Readonly<Record<string, string>> = run.endings;

/** Why something ended and the way on, in words of this page: the API's remedy is written for who writes requests. */
export function wordsOf({ code, message, remedy }: Ending): { message: string; remedy: string } {
  return { message: visible(said(message)), remedy: (Object.hasOwn(t, code) ? t[code] : null) ?? visible(remedy) };
}
