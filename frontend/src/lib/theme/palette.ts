/** Ten shades of each hue, lightest first, of equal lightness across hues (OKLCH). */
export const palette = {
  petrol: [
    '#eef9fc',
    '#dbf1f9',
    '#bbe2f0',
    '#90cfe4',
    '#64b8d2',
    '#3ca0bc',
    '#1686a1',
    '#056b83',
    '#025366',
    '#003c4b',
  ],
  slate: ['#f5f7f8', '#e9eeef', '#d5dcde', '#bdc6c8', '#a1adb0', '#879599', '#6d7c80', '#556367', '#414d50', '#2d373a'],
  moss: ['#f0faf2', '#dff3e3', '#c1e6c9', '#9bd4a9', '#6fc087', '#4aa969', '#328d52', '#227240', '#1b5831', '#133f23'],
  amber: ['#fef5ea', '#fdead0', '#f8d4a4', '#eeba70', '#dc9d39', '#c28412', '#a26d05', '#815709', '#644307', '#493004'],
  brick: ['#fff4f2', '#ffe6e3', '#fdcec7', '#fcada3', '#f6857a', '#e86156', '#ce3f39', '#a82e29', '#832420', '#5f1a17'],
  plum: ['#fbf4fb', '#f6e7f6', '#ecd0ed', '#dfb3e1', '#ce92d1', '#ba75be', '#a05aa4', '#834487', '#663369', '#49254c'],
  iris: ['#f5f6ff', '#e9ebfe', '#d4d8fc', '#b9bff8', '#9da3ef', '#8388e0', '#6b6dc6', '#5455a5', '#404181', '#2e2f60'],
  dark: ['#e4e9ea', '#b7bfc2', '#939ea0', '#6b777a', '#444f52', '#2d373a', '#21292c', '#182022', '#101719', '#090f11'],
} as const;

export type Hue = keyof typeof palette;

/** `share` of `over` laid on `under`; both `#rrggbb`. */
export function mix(over: string, under: string, share: number): string {
  const channel = (at: number) => {
    const [a, b] = [parseInt(over.slice(at, at + 2), 16), parseInt(under.slice(at, at + 2), 16)];
    return Math.round(a * share + b * (1 - share))
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

/** Contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(colour: string): number {
  const linear = (at: number) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(1) + 0.7152 * linear(3) + 0.0722 * linear(5);
}
