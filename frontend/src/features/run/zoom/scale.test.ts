import { describe, expect, it } from 'vitest';

import { fitting, keyed, LEAST, MOST, stepped, wheeled } from './scale';

describe('a scale', () => {
  it.each([
    [{ width: 1000, height: 500 }, 'both', 0.4],
    [{ width: 200, height: 100 }, 'both', 2],
    [{ width: 320, height: 1000 }, 'width', 1.25],
    [{ width: 40, height: 1000 }, 'width', 1.5],
    [{ width: 1, height: 1 }, 'both', MOST],
    [{ width: 32_768, height: 32_768 }, 'both', LEAST],
    [{ width: 0, height: 0 }, 'both', MOST],
  ] as const)('fits %o by %s', (picture, by, scale) =>
    expect(fitting(picture, { width: 400, height: 300 }, by)).toBe(scale),
  );

  it.each([
    [1, 1, 1.5],
    [1, -1, 0.75],
    [0.401, 1, 0.5],
    [0.999, 1, 1.5],
    [8, 1, 8],
    [0.1, -1, 0.1],
  ] as const)('steps from %d by %d', (from, by, to) => expect(stepped(from, by)).toBe(to));

  it('follows the wheel, and ends where it ends', () => {
    expect(wheeled(1, -300)).toBe(2);
    expect(wheeled(1, 300)).toBe(0.5);
    expect(wheeled(1, -1e6)).toBe(MOST);
    expect(wheeled(1, 1e6)).toBe(LEAST);
  });

  it.each([
    ['+', 1.5],
    ['=', 1.5],
    ['-', 0.75],
    ['0', null],
    ['1', 1],
    ['2', 2],
    ['3', undefined],
    ['ArrowDown', undefined],
  ])('hears the key %s', (key, scale) => expect(keyed(key, 1)).toBe(scale));
});
