/** How a piece of printed text looks. Colours are names of the sixteen that terminals have. */
export interface Style {
  readonly colour?: Colour;
  readonly ground?: Colour;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly inverse?: true;
  /** Printed to standard error. */
  readonly error?: true;
}

export const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
export type Colour = (typeof COLOURS)[number];

export const PLAIN: Style = {};

export type Piece =
  | { kind: 'text'; text: string }
  /** Line feed, carriage return, backspace, erasing from the cursor to the end of the line or all of it. */
  | { kind: 'line' | 'return' | 'back' | 'erase-right' | 'erase-line' }
  | { kind: 'style'; codes: readonly number[] };

/* eslint-disable no-control-regex -- a terminal's language is made of them */
// CSI sequences, OSC strings (titles, links) and other two-character escapes, as ECMA-48 forms them.
const TOKEN =
  /\u001b\[([0-9;:?<=>]*)[ -/]*([@-~])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[PX^_][^\u001b]*\u001b\\|\u001b[ -/]*[0-Z\\-~]|\r\n|[\n\r\b]/g;
// What may be the beginning of a sequence that the next chunk ends.
const OPEN = /(?:\u001b(?:\[[0-9;:?<=>]*[ -/]*|\][^\u0007\u001b]*\u001b?|[PX^_][^\u001b]*\u001b?|[ -/]*)?|\r)$/;
// A string that never ends is no sequence; what follows it must not be swallowed for ever.
const LONGEST_OPEN = 4096;

/** Cut printed text into what a terminal would do; `rest` is to be put before the next chunk. */
export function pieces(text: string): { pieces: Piece[]; rest: string } {
  const open = OPEN.exec(text);
  const rest = open && open[0].length <= LONGEST_OPEN ? open[0] : '';
  const whole = rest ? text.slice(0, -rest.length) : text;
  const found: Piece[] = [];
  let at = 0;
  for (const match of whole.matchAll(TOKEN)) {
    if (match.index > at) found.push({ kind: 'text', text: whole.slice(at, match.index) });
    at = match.index + match[0].length;
    const made = piece(match[0], match[1] ?? '', match[2]);
    if (made) found.push(made);
  }
  if (at < whole.length) found.push({ kind: 'text', text: whole.slice(at) });
  return { pieces: found, rest };
}

/** Text without any escape sequence. */
export function stripped(text: string): string {
  return text.replace(TOKEN, (match) => (/^[\r\n]/.test(match) ? match : ''));
}

function piece(token: string, parameters: string, final: string | undefined): Piece | null {
  if (token === '\n' || token === '\r\n') return { kind: 'line' };
  if (token === '\r') return { kind: 'return' };
  if (token === '\b') return { kind: 'back' };
  if (final === 'm') return { kind: 'style', codes: parameters.split(/[;:]/).map(Number) };
  if (final === 'K') return { kind: parameters === '' || parameters === '0' ? 'erase-right' : 'erase-line' };
  return null;
}

/** The style after a sequence of SGR codes (ECMA-48, 8.3.117). */
export function restyled(style: Style, codes: readonly number[]): Style {
  let now: Writable = { ...style };
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const { colour, used } = extended(codes.slice(at + 1));
      at += used;
      if (colour) now[code === 38 ? 'colour' : 'ground'] = colour;
    } else if (code === 0) {
      now = style.error ? { error: true } : {};
    } else {
      simple(now, code);
    }
  }
  return now;
}

type Writable = { -readonly [Key in keyof Style]: Style[Key] };
type Flag = 'bold' | 'dim' | 'italic' | 'underline' | 'inverse';

const ON: Record<number, Flag> = { 1: 'bold', 2: 'dim', 3: 'italic', 4: 'underline', 7: 'inverse' };
const OFF: Record<number, readonly (keyof Style)[]> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underline'],
  27: ['inverse'],
  39: ['colour'],
  49: ['ground'],
};

function simple(style: Writable, code: number): void {
  const on = ON[code];
  if (on) style[on] = true;
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- keys of Style, from the table above
  for (const key of OFF[code] ?? []) delete style[key];
  const colour = COLOURS[code % 10];
  if (!colour) return;
  const tens = Math.floor(code / 10);
  if (tens === 3 || tens === 9) style.colour = colour;
  if (tens === 4 || tens === 10) style.ground = colour;
}

/** One of 256 colours or a true one, as the nearest of those that can be read on both of our grounds. */
function extended(codes: readonly number[]): { colour: Colour | undefined; used: number } {
  if (codes[0] === 5) return { colour: ofIndex(codes[1] ?? 0), used: 2 };
  if (codes[0] === 2) return { colour: nearest(codes[1] ?? 0, codes[2] ?? 0, codes[3] ?? 0), used: 4 };
  return { colour: undefined, used: 0 };
}

function ofIndex(index: number): Colour | undefined {
  if (index < 16) return COLOURS[index % 8];
  if (index >= 232) return index < 244 ? 'black' : 'white';
  const cube = index - 16;
  return nearest(Math.floor(cube / 36) * 51, (Math.floor(cube / 6) % 6) * 51, (cube % 6) * 51);
}

function nearest(red: number, green: number, blue: number): Colour | undefined {
  const middle = (Math.max(red, green, blue) + Math.min(red, green, blue)) / 2;
  const bit = (value: number, weight: number) => (value > middle ? weight : 0);
  if (Math.max(red, green, blue) - Math.min(red, green, blue) < 24) return middle < 128 ? 'black' : 'white';
  return COLOURS[bit(red, 1) + bit(green, 2) + bit(blue, 4)];
}
