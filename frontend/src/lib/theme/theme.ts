import {
  createTheme,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type MantineThemeComponents,
} from '@mantine/core';

import { components as words } from '@/locales';

import { mix, palette, type Hue } from './palette';
import { schemes, variables, type Scheme } from './tokens';

const SANS = "'IBM Plex Sans Variable', 'Plex Sans Fallback', system-ui, sans-serif";
const MONO = "'IBM Plex Mono', ui-monospace, 'Cascadia Mono', Menlo, Consolas, monospace";

// Mantine's cross has no words of its own.
const CLOSE = { 'aria-label': words.close };

const components: MantineThemeComponents = {
  ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
  Tooltip: { defaultProps: { openDelay: 400, events: { hover: true, focus: true, touch: false } } },
  Modal: {
    defaultProps: {
      centered: true,
      transitionProps: { duration: 120 },
      overlayProps: { backgroundOpacity: 0.4 },
      closeButtonProps: CLOSE,
    },
  },
  Drawer: {
    defaultProps: {
      transitionProps: { duration: 120 },
      overlayProps: { backgroundOpacity: 0.4 },
      closeButtonProps: CLOSE,
    },
  },
  Menu: { defaultProps: { transitionProps: { duration: 80 }, shadow: 'md', withinPortal: true } },
  Popover: { defaultProps: { transitionProps: { duration: 80 }, shadow: 'md' } },
  Select: { defaultProps: { checkIconPosition: 'right', comboboxProps: { shadow: 'md' } } },
  Table: { defaultProps: { verticalSpacing: 'xs' } },
  Anchor: { defaultProps: { underline: 'hover' } },
  Badge: { defaultProps: { tt: 'none', fw: 500, radius: 'sm' } },
};

/** Mantine's theme for the console. Colours beyond Mantine's own roles are the variables of `tokens.ts`. */
export const theme = createTheme({
  components,
  primaryColor: 'petrol',
  primaryShade: { light: 7, dark: 7 },
  white: '#ffffff',
  black: schemes.light.text,
  colors: {
    petrol: tuple('petrol'),
    gray: tuple('slate'),
    dark: tuple('dark'),
    green: tuple('moss'),
    yellow: tuple('amber'),
    red: tuple('brick'),
    violet: tuple('iris'),
    grape: tuple('plum'),
  },
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.55', xl: '1.6' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2.25rem' },
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '10px', xl: '16px' },
  defaultRadius: 'md',
  headings: {
    fontFamily: SANS,
    fontWeight: '600',
    textWrap: 'balance',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.4' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.45' },
      h4: { fontSize: '0.875rem', lineHeight: '1.5' },
      h5: { fontSize: '0.8125rem', lineHeight: '1.5' },
      h6: { fontSize: '0.75rem', lineHeight: '1.5' },
    },
  },
  shadows: {
    xs: '0 1px 2px rgb(9 15 17 / 6%)',
    sm: '0 1px 3px rgb(9 15 17 / 8%), 0 1px 2px rgb(9 15 17 / 5%)',
    md: '0 6px 18px -4px rgb(9 15 17 / 16%), 0 2px 6px -2px rgb(9 15 17 / 10%)',
    lg: '0 14px 36px -8px rgb(9 15 17 / 22%), 0 4px 10px -4px rgb(9 15 17 / 12%)',
    xl: '0 28px 64px -12px rgb(9 15 17 / 30%)',
  },
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
});

/** Gives Mantine's roles and colours the values of our schemes, all of which hold WCAG's AA contrast. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: { ...variables(schemes.light), ...roles(schemes.light), ...hues('light') },
  dark: { ...variables(schemes.dark), ...roles(schemes.dark), ...hues('dark') },
});

function roles(scheme: Scheme): Record<string, string> {
  return {
    '--mantine-color-body': scheme.surface,
    '--mantine-color-text': scheme.text,
    '--mantine-color-bright': scheme.text,
    '--mantine-color-dimmed': scheme.muted,
    '--mantine-color-placeholder': scheme.faint,
    '--mantine-color-anchor': scheme.accent,
    '--mantine-color-error': scheme.tones.bad.text,
    '--mantine-color-success': scheme.tones.good.text,
    '--mantine-color-default': scheme.raised,
    '--mantine-color-default-hover': scheme.hover,
    '--mantine-color-default-color': scheme.text,
    '--mantine-color-default-border': scheme.line,
    '--mantine-color-disabled': scheme.hover,
    '--mantine-color-disabled-color': scheme.faint,
    '--mantine-color-disabled-border': scheme.line,
    '--mantine-color-petrol-filled': scheme.accentSolid,
    '--mantine-primary-color-filled': scheme.accentSolid,
  };
}

/** Text in a hue on its own tint or on the page, as in Mantine's `light`, `subtle` and `outline` variants. */
function hues(scheme: 'light' | 'dark'): Record<string, string> {
  const shade = scheme === 'light' ? 7 : 4;
  const { surface } = schemes[scheme];
  const ground = (hue: Hue, share: number) =>
    scheme === 'light' ? mix(palette[hue][2], surface, share * 2.5) : mix(palette[hue][5], surface, share);
  const named: Record<string, Hue> = {
    petrol: 'petrol',
    gray: 'slate',
    green: 'moss',
    yellow: 'amber',
    red: 'brick',
    violet: 'iris',
    grape: 'plum',
  };
  const made: Record<string, string> = {};
  for (const [name, hue] of Object.entries(named)) {
    const colour = palette[hue][shade];
    made[`--mantine-color-${name}-light`] = ground(hue, 0.16);
    made[`--mantine-color-${name}-light-hover`] = ground(hue, 0.24);
    made[`--mantine-color-${name}-light-color`] = colour;
    made[`--mantine-color-${name}-text`] = colour;
    made[`--mantine-color-${name}-outline`] = colour;
  }
  return made;
}

function tuple(hue: Hue): MantineColorsTuple {
  return palette[hue];
}
