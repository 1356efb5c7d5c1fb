import '@/lib/theme/styles.css';

import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { ProblemError } from '@/lib/api';
import { watchNetwork } from '@/lib/connection';
import { installTrustedTypes, styleNonce } from '@/lib/security';

import { App } from './app';
import { createConsole } from './router';
import { PageNotLoaded } from './routes/lazy-page';

// Until then the page shows the product's mark. A platform that does not answer must not hide behind it for long.
const LONGEST_SPLASH_MS = 2_500;

installTrustedTypes();
// For the style elements that keep the page from scrolling below a dialog.
setNonce(styleNonce());
watchNetwork();
const console_ = createConsole();

async function start(root: HTMLElement): Promise<void> {
  const patience = new Promise((resolve) => setTimeout(resolve, LONGEST_SPLASH_MS));
  await Promise.race([console_.router.load(), patience]);
  createRoot(root, { onCaughtError: report }).render(
    <StrictMode>
      <App {...console_} />
    </StrictMode>,
  );
}

/** What an error page shows to its reader in full is no fault of the console; everything else a developer has to see. */
function report(error: unknown): void {
  if (error instanceof ProblemError || error instanceof PageNotLoaded) return;
  reportError(error);
}

const root = document.getElementById('root');
if (root) void start(root);
