import { shortened } from '@/components/copyable';
import type { AuditEntry } from '@/lib/api';
import { bytes, duration, plural } from '@/lib/format';
import { own } from '@/lib/own';
import { visibleName } from '@/lib/visible';
import { audit as t } from '@/locales';

const EXECUTION = /^run:([0-9a-f-]{36})\/execution:(\d+)$/;
const RUN = /^run:([0-9a-f-]{36})(?:\/|$)/;
const MOST_NOTES = 3;

/** The run that an entry is about; null when it is about something else. */
export function runOf({ subject }: Pick<AuditEntry, 'subject'>): string | null {
  return RUN.exec(subject)?.[1] ?? null;
}

/** On what it was done: `cell 2 of run 9194f012…`. */
export function subjectWords(subject: string): string {
  const [, run, cell] = EXECUTION.exec(subject) ?? [];
  if (run && cell) return t.cellOf({ cell, run: shortened(run) });
  const at = subject.indexOf(':');
  const [noun, id] = at < 0 ? ['', subject] : [subject.slice(0, at), subject.slice(at + 1)];
  const said = /^[0-9a-f-]{20,}$/.test(id) ? shortened(id) : id;
  return visibleName(noun ? t.subject({ noun: own(t.nouns, noun) ?? noun.replace(/_/g, ' '), id: said }) : said);
}

/** Who did it: a pseudonym in short, or the platform itself. */
export function actorWords(actor: string | null): string {
  return actor === null ? t.platform : t.person({ id: shortened(actor) });
}

type Teller = (value: unknown) => string | null;

const text: Teller = (value) => (typeof value === 'string' && value ? value : null);
const number =
  (say: (n: number) => string): Teller =>
  (value) =>
    typeof value === 'number' ? say(value) : null;
const list: Teller = (value) => (Array.isArray(value) && value.length ? value.map(String).join(', ') : null);

// What of an entry's facts tells a reader most, in this order.
const TELLING: Readonly<Record<string, Teller>> = {
  code: text,
  reason: text,
  reasons: list,
  role: text,
  kind: text,
  ways: list,
  point: text,
  environment: (value) => (typeof value === 'string' && !value.startsWith('sha256:') ? value : null),
  language: text,
  model: (value) => (typeof value === 'string' && value ? t.byModel({ model: value }) : null),
  what: text,
  audience: (value) => (typeof value === 'string' && value ? t.to({ audience: value }) : null),
  packages: (value) => {
    const n = Array.isArray(value) ? value.length : value;
    return typeof n === 'number' && n > 0 ? plural(n, t.package, t.packages) : null;
  },
  size: number(bytes),
  bytes: number(bytes),
  wall_milliseconds: number((ms) => duration(ms / 1_000)),
};

/** The few facts that tell one such entry from another. */
export function notes({ facts }: Pick<AuditEntry, 'facts'>): string[] {
  const told: string[] = [];
  for (const [name, tell] of Object.entries(TELLING)) {
    const said = Object.hasOwn(facts, name) ? tell(facts[name]) : null;
    if (said !== null && told.length < MOST_NOTES && !told.includes(visibleName(said))) told.push(visibleName(said));
  }
  return told;
}
