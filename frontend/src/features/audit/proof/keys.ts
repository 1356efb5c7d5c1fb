import { createStore } from '@/lib/store';

/** The keys that the auditor pasted, as long as the console is open: they are the same for every entry. */
export const pastedKeys = createStore('');
/** Whether the auditor's own keys are asked, and not those that the platform lists. */
export const trustsPasted = createStore(false);
