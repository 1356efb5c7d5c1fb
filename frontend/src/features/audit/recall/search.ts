import { text } from '../search';

/** What runs are called back by. */
export const KINDS = ['package', 'image', 'file', 'revision'] as const;
export type Kind = (typeof KINDS)[number];

/** What is recalled, as the address says it; undefined takes a part out. */
export interface RecallSearch {
  kind?: Kind | undefined;
  /** A package's name, a digest or its beginning, or a file's id. */
  what?: string | undefined;
  /** With a package: only in versions below this one. */
  below?: string | undefined;
  /** A project's id, or `all` whatever the side bar's switch is on. */
  project?: string | undefined;
}

/** Every part is named, as the router would show what was left out as it was given. */
export function recallSearch(given: Record<string, unknown>): RecallSearch {
  return {
    kind: KINDS.find((kind) => kind === given.kind),
    what: exact(given.what),
    below: exact(given.below),
    project: text(given.project),
  };
}

// The router reads `4.10` as the number 4.1, and a digest of digits with one e in it as another number. A version that
// is not sure is left out: then more runs are recalled, and none is missed.
function exact(value: unknown): string | undefined {
  return typeof value === 'number' && !Number.isSafeInteger(value) ? undefined : text(value);
}
