import { describe, expect, it } from 'vitest';

import { restyled, stripped } from './ansi';
import { TextBuffer, type Line } from './buffer';
import { processorTime } from '../../../../tests/processor';

function shown(...chunks: string[]): string[] {
  const buffer = new TextBuffer();
  for (const chunk of chunks) buffer.append(chunk);
  return buffer.lines.slice(0, buffer.count).map(plain);
}

function plain(line: Line): string {
  return line.map((span) => span.text).join('');
}

describe('TextBuffer', () => {
  it('keeps lines, and begins none after the last line feed', () => {
    expect(shown('a\nb\n')).toEqual(['a', 'b']);
    expect(shown('a', 'b\nc')).toEqual(['ab', 'c']);
    expect(shown('\n\n')).toEqual(['', '']);
    expect(shown('')).toEqual([]);
  });

  it('overwrites after a carriage return, as progress bars do', () => {
    expect(shown('  1%', '\r 50%', '\r100%\ndone')).toEqual(['100%', 'done']);
    expect(shown('abcdef\rXY')).toEqual(['XYcdef']);
    expect(shown('ab\b\bX')).toEqual(['Xb']);
  });

  it('takes a carriage return at the end of a chunk and a line feed at the next as one', () => {
    expect(shown('a\r', '\nb')).toEqual(['a', 'b']);
  });

  it('erases', () => {
    expect(shown('abc\r\u001b[Kx')).toEqual(['x']);
    expect(shown('abc\u001b[2Kx')).toEqual(['x']);
  });

  it('colours, over the bounds of chunks', () => {
    const buffer = new TextBuffer();
    buffer.append('\u001b[1;3');
    buffer.append('1mred\u001b[0m plain');
    expect(buffer.lines[0]).toEqual([
      { text: 'red', style: { bold: true, colour: 'red' } },
      { text: ' plain', style: {} },
    ]);
  });

  it('marks what went to standard error', () => {
    const buffer = new TextBuffer();
    buffer.append('out\n');
    buffer.append('err\n', true);
    buffer.append('out', false);
    expect(buffer.lines.map((line) => line[0]?.style.error)).toEqual([undefined, true, undefined]);
  });

  it('strips titles, links and what it does not know', () => {
    expect(shown('a\u001b]0;title\u0007b\u001b[?25lc\u001b[10;5Hd\u001b]8;;http://x\u001b\\e')).toEqual(['abcde']);
  });

  it('does not wait for ever for the end of a sequence', () => {
    expect(shown(`\u001b]${'x'.repeat(5_000)}`, 'tail')[0]).toContain('tail');
  });

  it('keeps all of it as it came', () => {
    const buffer = new TextBuffer();
    buffer.append('\u001b[1ma\r');
    buffer.append('b');
    expect(buffer.text).toBe('\u001b[1ma\rb');
    expect(buffer.size).toBe(buffer.text.length);
  });

  it('takes 100,000 lines in chunks at once', () => {
    const buffer = new TextBuffer();
    const spent = processorTime(() => {
      for (let n = 0; n < 10_000; n += 1) buffer.append(`${n} a line of text\n`.repeat(10));
    });
    expect(buffer.count).toBe(100_000);
    expect(spent).toBeLessThan(1_500);
  });
});

describe('restyled', () => {
  it.each([
    ['foreground', [31], { colour: 'red' }],
    ['bright', [92], { colour: 'green' }],
    ['ground', [44], { ground: 'blue' }],
    ['one of 256', [38, 5, 196], { colour: 'red' }],
    ['true colour', [38, 2, 10, 200, 20], { colour: 'green' }],
    ['two at once', [1, 38, 5, 4], { bold: true, colour: 'blue' }],
    ['reset', [1, 0], {}],
    ['off', [1, 3, 22], { italic: true }],
  ])('%s', (_, codes, style) => expect(restyled({}, codes)).toEqual(style));

  it('a reset is none of standard error', () => {
    expect(restyled({ error: true, bold: true }, [0])).toEqual({ error: true });
  });
});

describe('stripped', () => {
  it('keeps line ends', () => expect(stripped('\u001b[1ma\u001b[0m\nb')).toBe('a\nb'));
});
