// Runs before the first paint and before the page's own scripts, which are deferred: a script of its own, and small.
{
  // A theme that was chosen must not flash in as the other one.
  try {
    const chosen = localStorage.getItem('mantine-color-scheme-value');
    if (chosen === 'light' || chosen === 'dark') {
      document.documentElement.setAttribute('data-mantine-color-scheme', chosen);
    }
  } catch {
    // Storage may be forbidden; then nothing was chosen.
  }
  // Every page but one waits to hear who is signed in: asked now, it is known when the scripts are there.
  if (!window.location.pathname.startsWith('/sign-in')) {
    const asked = fetch('/api/v1/me', { headers: { Accept: 'application/json' } });
    // Whoever takes it sees the failure; until then nobody does.
    asked.catch(() => undefined);
    window.bailiwickMe = asked;
  }
}
