import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const controlPlane = process.env.BAILIWICK_URL ?? 'http://127.0.0.1:8080';
// What the control plane answers itself; everything else is a page of the console.
const served = ['/api', '/_allauth', '/accounts', '/healthz', '/readyz'];

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    host: '127.0.0.1',
    port: Number(process.env.PORT ?? 5173),
    strictPort: true,
    // The browser's Host and Origin must stay one another's, or the control plane's CSRF check refuses.
    proxy: Object.fromEntries(served.map((path) => [path, { target: controlPlane, changeOrigin: false }])),
  },
  build: {
    target: 'es2023',
    // The content security policy allows no data: address for fonts or scripts.
    assetsInlineLimit: 0,
    sourcemap: false,
    manifest: 'manifest.json',
    outDir: process.env.CONSOLE_DIST ?? 'dist',
    emptyOutDir: true,
    chunkSizeWarningLimit: 700,
    // Every browser that the target admits preloads modules itself.
    modulePreload: { polyfill: false },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['tests/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    unstubGlobals: true,
    testTimeout: 15_000,
  },
});
