// As long as between two looks at a page that a person reads.
const LASTS_MS = 60_000;
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;

let last = Date.now();

for (const sign of SIGNS) {
  window.addEventListener(sign, () => (last = Date.now()), { capture: true, passive: true });
}

/** Whether a person gave a sign within the last minute. */
export function attended(): boolean {
  return Date.now() - last <= LASTS_MS;
}

/**
 * What marks a request that the page makes by itself while nobody is at it: a page that is left open keeps itself
 * up to date, and must not keep the session alive for whoever comes by.
 */
export function attentionHeaders(): Record<string, string> {
  return attended() ? {} : { 'X-Unattended': 'true' };
}
