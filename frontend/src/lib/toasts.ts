import { announce } from './announce';
import { createStore } from './store';
import type { Tone } from './theme';

export interface ToastAction {
  label: string;
  run: () => void;
}

export interface Toast {
  id: number;
  tone: Tone;
  title: string;
  detail?: string;
  action?: ToastAction;
  /** Stays until it is dismissed: for what must not be missed. */
  stays?: boolean;
}

const MOST = 4;

export const toasts = createStore<readonly Toast[]>([]);
let nextId = 1;

/** Tell about something that happened elsewhere than where the person looks. Gives a function that takes it away. */
export function toast(given: Omit<Toast, 'id'>): () => void {
  const made = { ...given, id: nextId++ };
  toasts.set([...toasts.get(), made].slice(-MOST));
  // A toast of this tone is an alert and speaks for itself.
  if (given.tone !== 'bad') announce([given.title, given.detail].filter(Boolean).join(' '));
  return () => dismiss(made.id);
}

export function dismiss(id: number): void {
  toasts.set(toasts.get().filter((one) => one.id !== id));
}
