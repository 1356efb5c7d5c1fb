import { timesIn, type TimesSearch } from '@/components/filters/times';

/** What is typed to narrow the log, each by what its entries have. */
export const TYPED = ['run', 'actor', 'digest', 'package', 'dataset'] as const;
export type Typed = (typeof TYPED)[number];

/** What the log is searched for, as the address says it; undefined takes a part out. */
export interface AuditSearch extends TimesSearch, Partial<Record<Typed, string | undefined>> {
  /** Words of the sealed fields that the auditor may read. */
  text?: string | undefined;
  /** A project's id, or `all` whatever the side bar's switch is on. */
  project?: string | undefined;
  event?: string | undefined;
  outcome?: string | undefined;
}

const LONGEST = 300;

/** Every part is named, as the router would show what was left out as it was given. */
export function auditSearch(given: Record<string, unknown>): AuditSearch {
  return {
    text: text(given.text),
    project: text(given.project),
    event: text(given.event),
    outcome: text(given.outcome),
    run: text(given.run),
    actor: text(given.actor),
    digest: text(given.digest),
    package: text(given.package),
    dataset: text(given.dataset),
    ...timesIn(given),
  };
}

/** Takes every filter out. */
export const NO_FILTER: AuditSearch = auditSearch({});

/** A part of an address as text; undefined for none. The router reads digits as a number. */
export function text(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return String(value).trim().slice(0, LONGEST) || undefined;
}
