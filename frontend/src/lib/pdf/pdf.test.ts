import { expect, it, vi } from 'vitest';

import { addressOf, BuiltData } from './data';
import { fineness } from './fineness';

it.each([
  ['a page', { width: 794, height: 1123 }, 2, 2],
  ['a poster', { width: 8_000, height: 8_000 }, 2, 0.512],
  ['a ribbon', { width: 81_920, height: 1 }, 2, 0.1],
  ['nothing', { width: 0, height: 0 }, 1, 1],
])('draws %s no finer than a sheet can be', (_, size, wanted, fine) =>
  expect(fineness(size, wanted)).toBeCloseTo(fine, 3),
);

it('knows fonts and encodings of this build by their names alone', async () => {
  expect(addressOf('standardFontDataUrl', 'FoxitSerif.pfb')).toMatch(/FoxitSerif/);
  expect(addressOf('cMapUrl', 'UniJIS-UTF16-H.bcmap')).toMatch(/UniJIS-UTF16-H/);
  for (const name of [
    '../index.html',
    'http://127.0.0.1/x',
    '//x/FoxitSerif.pfb',
    'constructor',
    '',
    'openjpeg.wasm',
  ]) {
    expect(addressOf('cMapUrl', name)).toBeNull();
    expect(addressOf('__proto__', name)).toBeNull();
  }
  const asked = vi.fn();
  vi.stubGlobal('fetch', asked);
  await expect(new BuiltData().fetch({ kind: 'cMapUrl', filename: 'http://127.0.0.1/x' })).rejects.toThrow();
  expect(asked).not.toHaveBeenCalled();
});
