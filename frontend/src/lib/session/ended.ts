import { createStore } from '@/lib/store';

/** Whether the session ended while its person was at work; the page stays, and asks them in again. */
export const sessionEnded = createStore(false);
