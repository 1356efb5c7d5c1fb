import { describe, expect, it } from 'vitest';

import { visible, visibleName } from './visible';

describe('visible', () => {
  it.each([
    ['safe\u202egpj.exe', 'safe‹U+202E›gpj.exe'],
    ['a\u0000b', 'a␀b'],
    ['line\nand\ttab', 'line\nand\ttab'],
    ['<script>alert(1)</script>', '<script>alert(1)</script>'],
    ['\u0085', '‹U+0085›'],
    ['fra\u200bud', 'fra‹U+200B›ud'],
    ['\ufefffraud', '‹U+FEFF›fraud'],
    ['fr\u00adaud', 'fr‹U+00AD›aud'],
    ['a\u{e0041}b', 'a‹U+E0041›b'],
    ['fra\u200dud', 'fra‹U+200D›ud'],
    ['fra\u200c\u200dud', 'fra‹U+200C›‹U+200D›ud'],
  ])('%j', (given, seen) => expect(visible(given)).toBe(seen));

  it.each([
    ['a joiner that shapes Persian', 'می\u200cخواهم'],
    ['a family of emoji', '\u{1f469}\u200d\u{1f467}'],
    ['a heart in colour', '❤\ufe0f'],
    ['an accent of its own', 'e\u0301'],
  ])('leaves %s', (_, text) => expect(visible(text)).toBe(text));

  it('names stay on one line', () => expect(visibleName('a\nb')).toBe('a␊b'));
});
