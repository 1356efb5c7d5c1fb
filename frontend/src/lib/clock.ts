import { useSyncExternalStore } from 'react';

/** One timer for everything on a page that shows the passing of time. */
class Ticker {
  private readonly listeners = new Set<() => void>();
  private readonly every: number;
  private timer: ReturnType<typeof setInterval> | undefined;
  private value = Date.now();

  constructor(every: number) {
    this.every = every;
  }

  readonly get = (): number => {
    // Nobody ticked while nobody listened.
    if (this.timer === undefined) this.value = Date.now();
    return this.value;
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    this.timer ??= setInterval(() => this.tick(), this.every);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  };

  private tick(): void {
    this.value = Date.now();
    for (const listener of [...this.listeners]) listener();
  }
}

const second = new Ticker(1_000);
const slow = new Ticker(15_000);
const still = { subscribe: () => () => undefined };

/** The present in milliseconds, once a second. */
export function useSeconds(running = true): number {
  return useSyncExternalStore(running ? second.subscribe : still.subscribe, second.get);
}

/** The present in milliseconds, often enough for "5 minutes ago". */
export function useSlowClock(): number {
  return useSyncExternalStore(slow.subscribe, slow.get);
}
