import type { AttachedFile, Draft } from './draft';

const KEY = 'bailiwick.new-run';

/** What survives a reload of the tab: everything but the contents of files. */
export interface Kept {
  draft: Draft;
  /** The run whose inputs it began with. */
  from: string | null;
  /** Uploads that had not ended; they go on when the person gives the files again. */
  unfinished: readonly Unfinished[];
}

export type Unfinished = Omit<AttachedFile, 'id'>;

export function kept(): Kept | null {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? 'null');
    return isKept(value) ? value : null;
  } catch {
    return null;
  }
}

export function keep(value: Kept): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(value));
  } catch {
    // Storage may be full or forbidden; the draft then lasts as long as the page.
  }
}

export function forget(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // As above.
  }
}

/** Storage may hold what an earlier version of the console wrote. */
function isKept(value: unknown): value is Kept {
  if (!isObject(value) || !isObject(value.draft) || !Array.isArray(value.unfinished)) return false;
  const { purpose, environment, packages, connectors, files, limits } = value.draft;
  return (
    typeof purpose === 'string' &&
    typeof environment === 'string' &&
    [packages, connectors, files].every(Array.isArray) &&
    isObject(limits)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
