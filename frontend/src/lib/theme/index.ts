export { TONES, type Tone } from './tokens';
export { cssVariablesResolver, theme } from './theme';
