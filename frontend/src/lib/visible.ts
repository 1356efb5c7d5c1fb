/* eslint-disable no-control-regex -- these are what this module is about */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
const C1 = /[\u0080-\u009f]/g;
// What shows nothing at all: two names that differ by it look the same, and it can carry words to a model (tags).
const UNSEEN =
  /\u034f|\u17b4|\u17b5|[\u00ad\u115f\u1160\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]/g;
const TAGS = /[\u{e0000}-\u{e007f}]/gu;
// Joiners shape letters of other scripts, and emoji (RFC 5892, appendix A); after these they do nothing but hide.
const IDLE_JOINER =
  /(?<=^|[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}\p{P}\p{Z}]|\u200c|\u200d)(?:\u200c|\u200d)/gu;
const DELETE = 0x7f;
const PICTURES = 0x2400;
const PICTURE_OF_DELETE = '\u2421';

/**
 * Text from elsewhere as its reader should see it: characters that turn the direction of what follows, that hide, or
 * that control, stand there as signs. Line feeds and tabs stay.
 */
export function visible(text: string): string {
  return text
    .replace(BIDI, code)
    .replace(C1, code)
    .replace(UNSEEN, code)
    .replace(TAGS, code)
    .replace(IDLE_JOINER, code)
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
  const point = one.codePointAt(0) ?? 0;
  return `\u2039U+${point.toString(16).toUpperCase().padStart(4, '0')}\u203a`;
}
