import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const controlPlane = process.env.BAILIWICK_URL ?? 'http://127.0.0.1:8080';
const dist = process.env.CONSOLE_DIST ?? 'dist';
// What the control plane answers itself; everything else is a page of the console.
const served = ['/api', '/_allauth', '/accounts', '/healthz', '/readyz'];

export default defineConfig({
  plugins: [react(), first(), compressed()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    host: '127.0.0.1',
    port: Number(process.env.PORT ?? 5173),
    strictPort: true,
    // The browser's Host and Origin must stay one another's, or the control plane's CSRF check refuses.
    proxy: Object.fromEntries(served.map((path) => [path, { target: controlPlane, changeOrigin: false }])),
  },
  worker: { format: 'es' },
  build: {
    target: 'es2023',
    // The content security policy allows no data: address for fonts or scripts.
    assetsInlineLimit: 0,
    sourcemap: false,
    manifest: 'manifest.json',
    outDir: dist,
    emptyOutDir: true,
    chunkSizeWarningLimit: 700,
    // Every browser that the target admits preloads modules itself.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // What most pages need is one file: over HTTP/1.1 every file waits for one of six connections.
        codeSplitting: { groups: [{ name: 'shared', minShareCount: 3 }] },
      },
    },
  },
  test: {
    environment: 'jsdom',
    isolate: false,
    // Its build for browsers, as in the console; Node would take the other one.
    alias: { 'tus-js-client': 'tus-js-client/lib.esm/browser/index.js' },
    server: { deps: { inline: ['tus-js-client'] } },
    setupFiles: ['tests/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    restoreMocks: true,
    unstubGlobals: true,
    testTimeout: 40_000,
  },
});

/** Adds the script that must run before the page's own, which are deferred: a file, as no script may stand in the page. */
function first(): Plugin {
  return {
    name: 'first',
    apply: 'build',
    buildStart() {
      this.emitFile({ type: 'asset', name: 'first.js', source: readFileSync('src/app/first.js') });
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle = {}, path }) {
        // The gallery has no platform to ask.
        if (path !== '/index.html') return [];
        const made = Object.values(bundle).find((file) => file.type === 'asset' && file.names.includes('first.js'));
        if (!made) throw new Error('first.js was not built.');
        return [{ tag: 'script', attrs: { src: `/${made.fileName}` }, injectTo: 'head-prepend' }];
      },
    },
  };
}

/** Puts beside each asset what a browser is sent of it: compressing at each start of the server would cost a second. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    closeBundle() {
      const assets = join(dist, 'assets');
      for (const name of readdirSync(assets)) {
        if (!/\.(js|css|svg|wasm)$/.test(name)) continue;
        const plain = readFileSync(join(assets, name));
        if (plain.length < 1024) continue;
        const hints = { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
        writeFileSync(join(assets, `${name}.br`), brotliCompressSync(plain, { params: hints }));
        writeFileSync(join(assets, `${name}.gz`), gzipSync(plain, { level: 9 }));
      }
    },
  };
}
