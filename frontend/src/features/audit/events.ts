import type { EventEnum } from '@/lib/api';
import { count } from '@/lib/format';
import { own } from '@/lib/own';
import { audit } from '@/locales';

const words: Readonly<Record<string, string>> = audit.events;

/** Every kind of event that the console has words for, by its room, in the catalogue's order. */
export const EVENTS_BY_ROOM: readonly (readonly [string, readonly EventEnum[]])[] = byRoom(
  Object.keys(words) as EventEnum[],
);

export function isKnown(event: string): event is EventEnum {
  return Object.hasOwn(words, event);
}

/** What happened, in words; one that the console does not know yet by its own name. */
export function eventWords(event: string): string {
  const known = own(words, event);
  if (known) return known;
  const [, noun = '', verb = ''] = event.split(':');
  const said = [noun, verb].filter(Boolean).join(' ').replace(/_/g, ' ');
  return said ? `${said.charAt(0).toUpperCase()}${said.slice(1)}` : event;
}

/** Which kinds are meant, in short: the one, or how many; null where all are. */
export function kindsWords(events: readonly string[]): string | null {
  const [first, ...more] = events;
  if (first === undefined) return null;
  return more.length ? audit.picker.several({ n: count(events.length) }) : eventWords(first);
}

function byRoom(events: readonly EventEnum[]): [string, EventEnum[]][] {
  const rooms = new Map<string, EventEnum[]>();
  for (const event of events) {
    const room = event.split(':')[0] ?? '';
    rooms.set(room, [...(rooms.get(room) ?? []), event]);
  }
  return [...rooms];
}
