import type { Size } from '../zoom/scale';

// What a drawing takes that states nothing (CSS 2.2, 10.3.2).
const UNSTATED: Size = { width: 300, height: 150 };
const PIXELS: Readonly<Record<string, number>> = {
  '': 1,
  px: 1,
  pt: 4 / 3,
  pc: 16,
  mm: 96 / 25.4,
  cm: 96 / 2.54,
  in: 96,
};
const [LEAST, MOST] = [1, 32_768];

/** The size that a drawing states by its width and height, else by its view box, in pixels. Only looks at its start. */
export function sizeOfSvg(source: string): Size {
  const tag = /<svg\b[^>]{0,4000}/.exec(source.slice(0, 10_000))?.[0] ?? '';
  const box =
    /\sviewBox=["']([^"']{1,200})/
      .exec(tag)?.[1]
      ?.trim()
      .split(/[\s,]+/)
      .map(Number) ?? [];
  const [, , boxWidth, boxHeight] = box;
  const [width, height] = [lengthOf(tag, 'width'), lengthOf(tag, 'height')];
  const ratio = isSize(boxWidth) && isSize(boxHeight) ? boxHeight / boxWidth : null;
  return {
    width: within(width ?? (height && ratio ? height / ratio : isSize(boxWidth) ? boxWidth : UNSTATED.width)),
    height: within(height ?? (width && ratio ? width * ratio : isSize(boxHeight) ? boxHeight : UNSTATED.height)),
  };
}

function lengthOf(tag: string, name: string): number | null {
  const [, figure, unit = ''] = new RegExp(`\\s${name}=["'](\\d{1,6}(?:\\.\\d{1,9})?)([a-z]{0,2})["']`).exec(tag) ?? [];
  const pixels = Object.hasOwn(PIXELS, unit) ? PIXELS[unit] : undefined;
  return figure && pixels ? Number(figure) * pixels || null : null;
}

function isSize(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value) && value > 0;
}

function within(length: number): number {
  return Math.min(MOST, Math.max(LEAST, Math.round(length)));
}
