import type { ReactNode } from 'react';

import { Colours, Controls, Type } from './basics';
import { Feedback, States, Small } from './components';
import { AccountParts, SessionEndedCase, SessionEndsCase, SignInCase, SignInFactorCase } from './entry';
import { PaletteCase, ShellParts, ShortcutsCase } from './frame';
import { Refusals } from './refusals';
import { Tables } from './tables';
import { ToastsCase } from './toasts';

interface Section {
  id: string;
  title: string;
  show: () => ReactNode;
  /** Covers the page: shown by itself alone. */
  whole?: boolean;
}

export const sections: readonly Section[] = [
  { id: 'colours', title: 'Colours', show: Colours },
  { id: 'type', title: 'Type', show: Type },
  { id: 'controls', title: 'Controls', show: Controls },
  { id: 'states', title: 'States', show: States },
  { id: 'small', title: 'Small things', show: Small },
  { id: 'refusals', title: 'Refusals', show: Refusals },
  { id: 'feedback', title: 'Empty, loading, failed, partial', show: Feedback },
  { id: 'tables', title: 'Tables', show: Tables },
  { id: 'shell', title: 'Frame', show: ShellParts },
  { id: 'account', title: 'Account', show: AccountParts },
  { id: 'toasts', title: 'Toasts', show: ToastsCase, whole: true },
  { id: 'palette', title: 'Palette', show: PaletteCase, whole: true },
  { id: 'shortcuts', title: 'Shortcut sheet', show: ShortcutsCase, whole: true },
  { id: 'sign-in', title: 'Sign-in', show: SignInCase, whole: true },
  { id: 'sign-in-factor', title: 'Sign-in, second proof', show: SignInFactorCase, whole: true },
  { id: 'session-ends', title: 'Session about to end', show: SessionEndsCase, whole: true },
  { id: 'session-ended', title: 'Session ended', show: SessionEndedCase, whole: true },
];
