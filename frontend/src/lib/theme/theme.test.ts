import { describe, expect, it } from 'vitest';

import { contrast, mix } from './palette';
import { schemes, TONES, type Scheme } from './tokens';

// WCAG 2.2: 4.5 for text, 3 for what shows a control's edge or state.
const TEXT = 4.5;
const SIGN = 3;

function pairs(scheme: Scheme): [string, string, string, number][] {
  const grounds = ['canvas', 'rail', 'surface', 'raised', 'sunken', 'hover'] as const;
  const found: [string, string, string, number][] = [];
  for (const ground of grounds) {
    for (const text of ['text', 'muted', 'accent'] as const) {
      found.push([`${text} on ${ground}`, scheme[text], scheme[ground], TEXT]);
    }
    for (const tone of TONES) found.push([`${tone} on ${ground}`, scheme.tones[tone].text, scheme[ground], TEXT]);
  }
  for (const ground of ['canvas', 'rail', 'surface', 'raised', 'sunken'] as const) {
    found.push([`faint on ${ground}`, scheme.faint, scheme[ground], TEXT]);
  }
  for (const tone of TONES) {
    const { text, fill, solid } = scheme.tones[tone];
    found.push([`${tone} on its fill`, text, fill, TEXT], [`text on ${tone}`, scheme.text, fill, TEXT]);
    found.push([`muted on ${tone}`, scheme.muted, fill, TEXT]);
    found.push([`${tone} as a sign`, solid, scheme.surface, SIGN]);
  }
  found.push(['on accent', scheme.onAccent, scheme.accentSolid, TEXT]);
  found.push(['accent on its soft ground', scheme.accent, scheme.accentSoft, TEXT]);
  found.push(['text on a selection', scheme.text, scheme.selection, TEXT]);
  found.push(['edge of a control', scheme.lineStrong, scheme.surface, SIGN]);
  return found;
}

describe.each(Object.entries(schemes))('%s', (_, scheme) => {
  it.each(pairs(scheme))('%s can be read', (_name, a, b, least) => {
    expect(contrast(a, b)).toBeGreaterThanOrEqual(least);
  });
});

describe('colours', () => {
  it('contrast as WCAG counts it', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });
  it('mix by share', () => expect(mix('#ff0000', '#0000ff', 0.5)).toBe('#800080'));
});
