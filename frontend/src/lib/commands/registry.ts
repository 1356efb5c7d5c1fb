import type { Icon } from '@tabler/icons-react';
import { useEffect, useEffectEvent } from 'react';

import { createStore } from '@/lib/store';

import { isChord, isTyping } from './keys';

/** Something that can be done here and now: in the palette, in the shortcut sheet if it has keys, and by those keys. */
export interface Command {
  id: string;
  title: string;
  /** Groups commands in palette and sheet. */
  section: string;
  run: () => void;
  keys?: string;
  icon?: Icon;
  /** Other words that find it. */
  keywords?: string;
  /** Only by its keys, as with moves inside of an editor: stands in the sheet alone. */
  sheetOnly?: boolean;
  /** Whether the keys work while a text is typed; those with `mod` do unless this says no. */
  whileTyping?: boolean;
}

const SEQUENCE_MS = 900;

export const commands = createStore<readonly Command[]>([]);

/**
 * Make commands available while the component is shown. Of two with the same keys the later one is meant: it belongs
 * to what lies on top.
 */
export function useCommands(given: readonly Command[]): void {
  // Registered again only when something that is shown changes; what runs is always the latest.
  const key = JSON.stringify(given.map(({ id, title, section, keys }) => [id, title, section, keys]));
  const run = useEffectEvent((id: string) => given.find((one) => one.id === id)?.run());
  const list = useEffectEvent(() => given.map((one) => ({ ...one, run: () => run(one.id) })));
  useEffect(() => {
    const mine = list();
    commands.set([...commands.get(), ...mine]);
    return () => commands.set(commands.get().filter((one) => !mine.includes(one)));
  }, [key]);
}

/** Run commands by their keys until the returned function is called. */
export function listenForKeys(): () => void {
  let before: { key: string; at: number } | null = null;
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    const typing = isTyping(event.target);
    const usable = commands.get().filter((one) => one.keys && !one.sheetOnly && (!typing || allowed(one)));
    const first = before && event.timeStamp - before.at < SEQUENCE_MS ? before.key : null;
    const found = usable.findLast((one) => matches(one.keys ?? '', event, first));
    before = typing ? null : { key: event.key.toLowerCase(), at: event.timeStamp };
    if (!found) return;
    event.preventDefault();
    before = null;
    found.run();
  };
  window.addEventListener('keydown', onKey);
  return () => window.removeEventListener('keydown', onKey);
}

function allowed({ keys = '', whileTyping }: Command): boolean {
  return whileTyping ?? keys.includes('mod+');
}

function matches(keys: string, event: KeyboardEvent, first: string | null): boolean {
  const [one = '', two] = keys.split(' ');
  return two ? first === one && isChord(two, event) : isChord(one, event);
}
