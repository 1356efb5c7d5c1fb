import { describe, expect, it } from 'vitest';

import { bytes, clock, count, day, duration, plural, rate, since, until } from '.';

describe('quantities', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '0.98 KB'],
    [1536, '1.5 KB'],
    [10 * 1024, '10 KB'],
    [640 * 1024 ** 2, '640 MB'],
    [1023.9 * 1024 ** 2, '1 GB'],
    [-1, '0 B'],
  ])('%d bytes are %s', (n, text) => expect(bytes(n)).toBe(text));

  it('says rates, counts and plurals', () => {
    expect(rate(1536)).toBe('1.5 KB/s');
    expect(count(1234567)).toBe('1,234,567');
    expect(plural(1, 'run', 'runs')).toBe('1 run');
    expect(plural(0, 'run', 'runs')).toBe('0 runs');
    expect(plural(1200, 'run', 'runs')).toBe('1,200 runs');
  });
});

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [0.0384, '38 ms'],
    [0.9999, '1 s'],
    [4.21, '4.2 s'],
    [9.96, '10 s'],
    [59.6, '1 min'],
    [65, '1 min 5 s'],
    [3599.7, '1 h'],
    [12_000, '3 h 20 min'],
    [86_390, '1 d'],
    [187_200, '2 d 4 h'],
    [-3, '0 ms'],
  ])('%d seconds are %s', (seconds, text) => expect(duration(seconds)).toBe(text));

  it.each([
    [5, '0:05'],
    [754.9, '12:34'],
    [3723, '1:02:03'],
    [-1, '0:00'],
  ])('a clock at %d shows %s', (seconds, text) => expect(clock(seconds)).toBe(text));
});

describe('moments', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  it.each([
    ['2026-03-01T11:59:58Z', 'now'],
    ['2026-03-01T11:59:20Z', '40 seconds ago'],
    ['2026-03-01T11:00:01Z', '59 minutes ago'],
    ['2026-02-28T11:00:00Z', 'yesterday'],
    ['2026-02-20T12:00:00Z', '9 days ago'],
  ])('%s was %s', (moment, text) => expect(since(moment, now)).toBe(text));

  it('gives the date of what is long ago', () => {
    expect(since('2025-01-02T12:00:00Z', now)).toBe(day('2025-01-02T12:00:00Z'));
  });

  it('says what is to come', () => {
    expect(until('2026-03-01T12:05:30Z', now)).toBe('in 5 minutes');
    expect(until('2026-03-01T11:55:00Z', now)).toBe('5 minutes ago');
  });
});
