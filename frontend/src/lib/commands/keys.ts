/**
 * Keys are written as `mod+k` (Ctrl, or ⌘ on a Mac), `shift+enter`, `?`, or a sequence of plain keys: `g h`.
 */
const mac = /mac|iphone|ipad/i.test(navigator.userAgent);

const NAMES: Record<string, string> = {
  enter: 'Enter',
  escape: 'Esc',
  arrowup: '↑',
  arrowdown: '↓',
  backspace: '⌫',
};

/** What is printed on the keys: `['Ctrl', 'K']`. A sequence gives one list for each of its keys. */
export function shownKeys(keys: string): string[][] {
  return keys.split(' ').map((chord) => chord.split('+').map(shown));
}

/** Whether the event is this chord. Shift counts only where the chord names it: `?` needs it on many keyboards. */
export function isChord(chord: string, event: KeyboardEvent): boolean {
  const parts = chord.split('+');
  const key = parts.at(-1) ?? '';
  const wants = (name: string) => parts.slice(0, -1).includes(name);
  const mod = mac ? event.metaKey : event.ctrlKey;
  const other = mac ? event.ctrlKey : event.metaKey;
  if (mod !== wants('mod') || other || event.altKey !== wants('alt')) return false;
  if (wants('shift') && !event.shiftKey) return false;
  if (!wants('shift') && event.shiftKey && /^[a-z]$|^enter$/.test(key)) return false;
  return event.key.toLowerCase() === key;
}

/** Whether what is typed goes into a text: plain keys are letters there. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest('.cm-editor')) return true;
  if (target instanceof HTMLInputElement) return !NOT_TEXT.has(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

const NOT_TEXT = new Set(['button', 'checkbox', 'radio', 'submit', 'reset', 'file', 'range', 'color']);

function shown(key: string): string {
  if (key === 'mod') return mac ? '⌘' : 'Ctrl';
  if (key === 'shift') return mac ? '⇧' : 'Shift';
  if (key === 'alt') return mac ? '⌥' : 'Alt';
  return NAMES[key] ?? key.toUpperCase();
}
