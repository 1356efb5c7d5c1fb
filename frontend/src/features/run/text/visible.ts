/* eslint-disable no-control-regex -- these are what this module is about */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
const C1 = /[\u0080-\u009f]/g;
const DELETE = 0x7f;
const PICTURES = 0x2400;
const PICTURE_OF_DELETE = '\u2421';

/**
 * Text from elsewhere as its reader should see it: characters that turn the direction of what follows, and controls
 * that show nothing, stand there as signs. Line feeds and tabs stay.
 */
export function visible(text: string): string {
  return text
    .replace(BIDI, code)
    .replace(C1, code)
    .replace(CONTROL, (one) => {
      const point = one.charCodeAt(0);
      return point === DELETE ? PICTURE_OF_DELETE : String.fromCharCode(PICTURES + point);
    });
}

/** The same on one line, for names. */
export function visibleName(name: string): string {
  return visible(name).replace(/\n/g, '\u240a').replace(/\t/g, '\u2409');
}

function code(one: string): string {
  return `\u2039U+${one.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}\u203a`;
}
