import { EditorView } from '@codemirror/view';

/** The editor in the console's colours. Colours of code are in `code.module.css`, shared with cells that are not edited. */
export const look = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--bw-text)', fontSize: '0.8125rem' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': {
    fontFamily: 'var(--mantine-font-family-monospace)',
    lineHeight: '1.25rem',
    containerType: 'inline-size',
    maxHeight: '60vh',
    minHeight: '5rem',
    overflow: 'auto',
  },
  '.cm-content': { caretColor: 'var(--bw-accent)', padding: '0.625rem 0' },
  '.cm-line': { padding: '0 0.875rem 0 0.375rem' },
  '.cm-cursor': { borderLeftColor: 'var(--bw-accent)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'transparent', border: 'none', color: 'var(--bw-faint)' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '2.25rem', padding: '0 0.5rem 0 0' },
  '.cm-gutter-lint': { width: '0.875rem' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--bw-hover) 55%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--bw-text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--bw-selection)',
  },
  '.cm-selectionMatch': { backgroundColor: 'var(--bw-accent-soft)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    backgroundColor: 'var(--bw-accent-soft)',
    outline: '1px solid var(--bw-line)',
  },
  // The line it stands on is as long as its text; it breaks where the editor ends.
  '.cm-placeholder': {
    color: 'var(--bw-faint)',
    display: 'inline-block',
    maxWidth: 'calc(100cqi - 4.5rem)',
    verticalAlign: 'top',
    whiteSpace: 'normal',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--bw-raised)',
    border: '1px solid var(--bw-line)',
    borderRadius: 'var(--mantine-radius-md)',
    boxShadow: 'var(--mantine-shadow-md)',
    color: 'var(--bw-text)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--mantine-font-family-monospace)',
    maxHeight: '14rem',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': {
    lineHeight: '1.5rem',
    maxWidth: '32rem',
    overflow: 'hidden',
    padding: '0 0.625rem',
    textOverflow: 'ellipsis',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--bw-accent-soft)',
    color: 'var(--bw-text)',
  },
  '.cm-completionDetail': {
    color: 'var(--bw-faint)',
    fontFamily: 'var(--mantine-font-family)',
    fontStyle: 'normal',
    marginLeft: '1rem',
  },
  '.cm-completionMatchedText': { color: 'var(--bw-accent)', textDecoration: 'none' },
  '.cm-diagnostic': { padding: '0.375rem 0.625rem' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bw-bad-solid)' },
  '.cm-panels': { backgroundColor: 'var(--bw-sunken)', color: 'var(--bw-text)' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--bw-line)' },
  '.cm-textfield': { backgroundColor: 'var(--bw-surface)', border: '1px solid var(--bw-line-strong)' },
  '.cm-button': {
    backgroundColor: 'var(--bw-surface)',
    backgroundImage: 'none',
    border: '1px solid var(--bw-line-strong)',
    color: 'var(--bw-text)',
  },
});
