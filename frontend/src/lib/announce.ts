import { createStore } from './store';

interface Announcement {
  text: string;
  /** Tells two announcements of the same text apart. */
  turn: number;
}

export const announcement = createStore<Announcement>({ text: '', turn: 0 });

/** Have a screen reader say something that changed without focus moving there. */
export function announce(text: string): void {
  announcement.set({ text, turn: announcement.get().turn + 1 });
}
