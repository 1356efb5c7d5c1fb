/** What the log is searched for, as the address says it; undefined takes a part out. */
export interface AuditSearch {
  /** A project's id, or `all` whatever the side bar's switch is on. */
  project?: string | undefined;
  event?: string | undefined;
  run?: string | undefined;
}

/** Takes every filter out. */
export const NO_FILTER: AuditSearch = { project: undefined, event: undefined, run: undefined };

const LONGEST = 300;

/** Every part is named, as the router would show what was left out as it was given. */
export function auditSearch(given: Record<string, unknown>): AuditSearch {
  return { project: text(given.project), event: text(given.event), run: text(given.run) };
}

// The router reads digits as a number.
function text(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  return String(value).trim().slice(0, LONGEST) || undefined;
}
