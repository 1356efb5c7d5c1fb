import { useSyncExternalStore } from 'react';

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

/** The same, as it changes: for what is worth asking only while somebody looks. */
export function useAttended(): boolean {
  return useSyncExternalStore(subscribe, attended);
}

function subscribe(listener: () => void): () => void {
  // A sign is noticed at once, and its absence soon enough.
  const timer = setInterval(listener, LASTS_MS / 10);
  for (const sign of SIGNS) window.addEventListener(sign, listener, { passive: true });
  return () => {
    clearInterval(timer);
    for (const sign of SIGNS) window.removeEventListener(sign, listener);
  };
}

/**
 * What marks a request that the page makes by itself while nobody is at it: a page that is left open keeps itself
 * up to date, and must not keep the session alive for whoever comes by.
 */
export function attentionHeaders(): Record<string, string> {
  return attended() ? {} : { 'X-Unattended': 'true' };
}
