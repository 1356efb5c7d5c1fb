import { shortened } from '@/components/copyable';
import type { Recalled, Released } from '@/lib/api';
import { count, plural } from '@/lib/format';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

const t = audit.recall;
const DIGEST = /sha256:[0-9a-f]{64}/g;
const MOST_CELLS = 8;

/** Why a run is recalled, with digests in short. */
export function whyWords(why: string): string {
  return visibleName(why.replace(DIGEST, shortened));
}

/** What left, by the word of the log: `Outputs of a cell`. */
export function whatWords({ what }: Pick<Released, 'what'>): string {
  return Object.hasOwn(t.whats, what) ? (t.whats[what] ?? what) : visibleName(what);
}

/** To whom: `to the console`. */
export function toWords({ to }: Pick<Released, 'to'>): string {
  return Object.hasOwn(t.audiences, to) ? (t.audiences[to] ?? to) : t.to({ audience: visibleName(to) });
}

/** How often something of the run left: `3 releases`, `more than 100 releases`. */
export function howOften({ released, released_more: more }: Pick<Recalled, 'released' | 'released_more'>): string {
  const said = plural(released.length, t.release, t.releases);
  return more ? t.moreThan({ releases: said }) : said;
}

/** The ways in which something of the run left, each once, the last first. */
export function waysWords({ released }: Pick<Recalled, 'released'>): string {
  return [...new Set(released.map((one) => `${whatWords(one)} ${toWords(one)}`))].join(', ');
}

/** Which cells are meant: `cells 1, 2, 5`. */
export function cellsWords({ executions }: Pick<Recalled, 'executions'>): string {
  const [only, ...others] = executions;
  if (only === undefined) return t.noCell;
  if (!others.length) return t.cell({ n: count(only) });
  const shown = executions.slice(0, MOST_CELLS).map(count);
  const left = executions.length - shown.length;
  return t.cells({ list: shown.join(', '), more: left ? count(left) : null });
}
