// The one place that chooses a language: another one exports the same names with the same shapes.
export * from './en';
