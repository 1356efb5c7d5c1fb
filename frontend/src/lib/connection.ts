import { attended } from './attention';
import { createStore, type Store } from './store';

/** `offline`: the device has no network. `unreachable`: it has, but the platform does not answer. */
export type Connection = 'online' | 'offline' | 'unreachable';

const FIRST_PROBE_MS = 1_000;
const LONGEST_PROBE_MS = 30_000;
// What a gateway answers for a platform that is not there.
const GATEWAY = new Set([502, 504]);

export const connection: Store<Connection> = createStore<Connection>(navigator.onLine ? 'online' : 'offline');

/** When the platform last answered what a person, not the page by itself, asked in their session, in milliseconds. */
export const lastAnswer: Store<number> = createStore(0);

let timer: ReturnType<typeof setTimeout> | undefined;
let wait = FIRST_PROBE_MS;

/** The platform answered something. */
export function reportAnswer(status: number): void {
  if (GATEWAY.has(status)) {
    reportSilence();
    return;
  }
  recovered();
  if (status < 400 && attended()) lastAnswer.set(Date.now());
}

function recovered(): void {
  clearTimeout(timer);
  timer = undefined;
  wait = FIRST_PROBE_MS;
  connection.set('online');
}

/** A request got no answer. Asks again on its own, at growing distances, until there is one. */
export function reportSilence(): void {
  connection.set(navigator.onLine ? 'unreachable' : 'offline');
  if (timer !== undefined) return;
  timer = setTimeout(() => void probe(), wait);
  wait = Math.min(wait * 2, LONGEST_PROBE_MS);
}

async function probe(): Promise<void> {
  timer = undefined;
  try {
    const { ok } = await fetch('/healthz', { cache: 'no-store' });
    // A platform that is there but not well says so in its own answers; a gateway without one says nothing.
    if (ok) recovered();
    else reportSilence();
  } catch {
    reportSilence();
  }
}

/** Follow what the browser knows of the network. */
export function watchNetwork(): void {
  window.addEventListener('offline', () => connection.set('offline'));
  window.addEventListener('online', () => {
    wait = FIRST_PROBE_MS;
    clearTimeout(timer);
    void probe();
  });
}
