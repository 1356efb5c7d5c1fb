import { isRecord } from '../live/outputs';
import { languageOf, type Language } from '../states';

export interface Draft {
  language: Language;
  code: string;
}

const MOST = 500_000;
const key = (runId: string) => `bailiwick.draft.${runId}`;

/** Keep what is written but not run, in this tab alone and no longer than it. */
export function keepDraft(runId: string, draft: Draft): void {
  try {
    if (draft.code.length <= MOST) sessionStorage.setItem(key(runId), JSON.stringify(draft));
  } catch {
    // Storage may be forbidden or full; the draft then lasts as long as the page.
  }
}

export function keptDraft(runId: string): Draft {
  const none: Draft = { language: 'python', code: '' };
  try {
    const value = JSON.parse(sessionStorage.getItem(key(runId)) ?? 'null') as unknown;
    if (!isRecord(value) || typeof value.code !== 'string') return none;
    return { language: languageOf(String(value.language)), code: value.code };
  } catch {
    return none;
  }
}
