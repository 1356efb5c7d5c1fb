// Runs before the first paint, as a script of its own: a theme that was chosen must not flash in as the other one.
try {
  const chosen = localStorage.getItem('mantine-color-scheme-value');
  if (chosen === 'light' || chosen === 'dark') {
    document.documentElement.setAttribute('data-mantine-color-scheme', chosen);
  }
} catch {
  // Storage may be forbidden; then nothing was chosen.
}
