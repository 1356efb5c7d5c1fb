import { mix, palette, type Hue } from './palette';

/**
 * What a colour says. `info` runs, `good` succeeded, `wait` wants patience or somebody's word, `bad` failed,
 * `refusal` was said no to by a rule (which is an answer, no failure), `live` is ready for you, `quiet` is over.
 */
export const TONES = ['info', 'live', 'good', 'wait', 'bad', 'refusal', 'quiet'] as const;
export type Tone = (typeof TONES)[number];

const HUE_OF: Record<Tone, Hue> = {
  info: 'petrol',
  live: 'iris',
  good: 'moss',
  wait: 'amber',
  bad: 'brick',
  refusal: 'plum',
  quiet: 'slate',
};

export interface Scheme {
  canvas: string;
  rail: string;
  surface: string;
  raised: string;
  sunken: string;
  hover: string;
  line: string;
  lineStrong: string;
  text: string;
  muted: string;
  faint: string;
  accent: string;
  accentSoft: string;
  accentSolid: string;
  onAccent: string;
  selection: string;
  tones: Record<Tone, { text: string; fill: string; line: string; solid: string }>;
}

const light: Scheme = {
  canvas: '#f7f9f9',
  rail: '#eef2f3',
  surface: '#ffffff',
  raised: '#ffffff',
  sunken: '#f1f4f5',
  hover: '#e9eeef',
  line: '#dce2e4',
  lineStrong: palette.slate[5],
  text: '#14242a',
  muted: '#4f5d61',
  faint: '#627074',
  accent: palette.petrol[7],
  accentSoft: '#e0f1f6',
  accentSolid: palette.petrol[7],
  onAccent: '#ffffff',
  selection: palette.petrol[1],
  tones: tones((hue) => ({
    text: palette[hue][7],
    fill: mix(palette[hue][1], '#ffffff', 0.7),
    line: palette[hue][2],
    solid: palette[hue][6],
  })),
};

const surface = '#161e20';

const dark: Scheme = {
  canvas: '#101719',
  rail: '#0c1214',
  surface,
  raised: '#1d2629',
  sunken: '#0c1214',
  hover: '#20292c',
  line: '#283235',
  lineStrong: '#667276',
  text: '#e4e9ea',
  muted: '#a9b3b6',
  faint: '#8b979a',
  accent: palette.petrol[4],
  accentSoft: '#12323b',
  accentSolid: '#0a7590',
  onAccent: '#ffffff',
  selection: '#12323b',
  tones: tones((hue) => ({
    text: palette[hue][4],
    fill: mix(palette[hue][5], surface, 0.14),
    line: mix(palette[hue][5], surface, 0.35),
    solid: palette[hue][5],
  })),
};

export const schemes = { light, dark };

/** The scheme as CSS variables: `--bw-canvas`, `--bw-line-strong`, `--bw-good-fill`, … */
export function variables(scheme: Scheme): Record<string, string> {
  const { tones: byTone, ...plain } = scheme;
  const made: Record<string, string> = {};
  for (const [name, colour] of Object.entries(plain)) made[`--bw-${kebab(name)}`] = colour;
  for (const tone of TONES) {
    for (const [part, colour] of Object.entries(byTone[tone])) made[`--bw-${tone}-${part}`] = colour;
  }
  return made;
}

function tones<T>(make: (hue: Hue) => T): Record<Tone, T> {
  return Object.fromEntries(TONES.map((tone) => [tone, make(HUE_OF[tone])])) as Record<Tone, T>;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
