import '@/lib/theme/styles.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { watchNetwork } from '@/lib/connection';
import { installTrustedTypes } from '@/lib/security';

import { App } from './app';

installTrustedTypes();
watchNetwork();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
