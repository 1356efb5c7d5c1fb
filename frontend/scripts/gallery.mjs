/**
 * Compares the gallery with its pictures in tests/gallery, in light and dark, and looks for what overflows at 360 px.
 *
 *     node scripts/gallery.mjs            compare; differences are left in .gallery/
 *     node scripts/gallery.mjs --update   take the pictures anew
 *
 * One picture a section and scheme. After a change that is meant: `npm run gallery -- --update`, and look at each picture
 * that `git status` names before it is committed.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';

import pixelmatch from 'pixelmatch';
import { chromium } from 'playwright-core';
import { PNG } from 'pngjs';
import { build, preview } from 'vite';

const KEPT = 'tests/gallery';
const FOUND = '.gallery';
const SCHEMES = ['light', 'dark'];
const NOW = new Date('2026-03-02T10:30:00Z');
// Another version of the browser draws a few edges otherwise; a change of ours moves or recolours more than this.
const ALLOWED_SHARE = 0.0004;
const PROGRAMS = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const update = process.argv.includes('--update');
const failures = [];

/** The gallery as a build of its own: nothing is optimised or reloaded while a picture is taken. */
async function served() {
  const folder = mkdtempSync(join(tmpdir(), 'gallery-'));
  process.env.CONSOLE_DIST = folder;
  await build({ logLevel: 'error', build: { rolldownOptions: { input: 'gallery.html' } } });
  const server = await preview({ logLevel: 'error', preview: { port: 0, host: 'localhost' } });
  const { port } = server.httpServer.address();
  return {
    // By name: passkeys belong to a host name.
    address: `http://localhost:${port}/gallery.html`,
    async close() {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function compare(name, taken) {
  const path = join(KEPT, name);
  if (update) return write(path, taken);
  if (!existsSync(path)) return failures.push(`${name}: there is no picture to compare with`);
  const kept = readFileSync(path);
  if (kept.equals(taken)) return undefined;
  const [before, after] = [PNG.sync.read(kept), PNG.sync.read(taken)];
  const { width, height } = before;
  if (width !== after.width || height !== after.height) {
    write(join(FOUND, name), taken);
    return failures.push(`${name}: ${width}×${height} has become ${after.width}×${after.height}`);
  }
  const marked = new PNG({ width, height });
  const differing = pixelmatch(before.data, after.data, marked.data, width, height, { threshold: 0.2 });
  if (differing <= width * height * ALLOWED_SHARE) return undefined;
  write(join(FOUND, name), taken);
  write(join(FOUND, name.replace('.png', '.diff.png')), PNG.sync.write(marked));
  return failures.push(`${name}: ${differing} pixels differ`);
}

function write(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

async function opened(browser, scheme, width, onFault) {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  await page.clock.setFixedTime(NOW);
  page.on('pageerror', (error) => onFault(error.message));
  page.on('console', (message) => message.type() === 'error' && onFault(message.text()));
  return page;
}

/** In the page: until every picture is decoded and nothing has changed for some frames. Motion is reduced. */
async function atRest() {
  await Promise.all(
    [...document.images].filter(({ src }) => src).map((image) => image.decode().catch(() => undefined)),
  );
  for (let before = '', same = 0; same < 4;) {
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const now = document.body.innerHTML;
    same = now === before ? same + 1 : 0;
    before = now;
  }
}

async function show(page, address, query) {
  await page.goto(`${address}?${new URLSearchParams(query)}`, { waitUntil: 'load' });
  await page.evaluate(() => document.fonts.ready);
  // Parts that are fetched when they are needed, and what is read from a file in a dialog.
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() => !document.querySelector('[role=dialog] [aria-busy=true]'));
  await page.evaluate(atRest);
}

async function sectionsOf(browser, address) {
  const page = await opened(browser, 'light', 1280, (fault) => failures.push(`gallery: ${fault}`));
  await show(page, address, {});
  const ids = await page.$$eval('nav a[href^="?only="]', (links) => links.map((link) => link.search.slice(6)));
  await page.context().close();
  return ids;
}

async function pictures(browser, address, scheme, ids) {
  let current = '';
  const page = await opened(browser, scheme, 1280, (fault) => failures.push(`${scheme}/${current}: ${fault}`));
  for (current of ids) {
    await show(page, address, { only: current, scheme });
    compare(`${scheme}/${current}.png`, await page.screenshot({ fullPage: true, animations: 'disabled' }));
  }
  await page.context().close();
}

async function narrow(browser, address, ids) {
  const page = await opened(browser, 'light', 360, () => undefined);
  for (const id of ids) {
    await show(page, address, { only: id });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    if (wide > 360) failures.push(`${id}: is ${wide} px wide on a screen of 360 px`);
  }
  await page.context().close();
}

async function main() {
  const program = PROGRAMS.find((path) => path && existsSync(path));
  if (!program) throw new Error('No Chromium was found; name one in CHROMIUM.');
  rmSync(FOUND, { recursive: true, force: true });
  const server = await served();
  const browser = await chromium.launch({
    executablePath: program,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--font-render-hinting=none'],
  });
  try {
    const ids = await sectionsOf(browser, server.address);
    for (const scheme of SCHEMES) {
      const stale = existsSync(join(KEPT, scheme)) ? readdirSync(join(KEPT, scheme)) : [];
      for (const name of stale.filter((file) => !ids.includes(file.replace('.png', '')))) {
        if (update) rmSync(join(KEPT, scheme, name));
        else failures.push(`${scheme}/${name}: there is no such section`);
      }
    }
    // At once: each of them mostly waits until its page is at rest.
    await Promise.all([
      ...SCHEMES.map((scheme) => pictures(browser, server.address, scheme, ids)),
      narrow(browser, server.address, ids),
    ]);
  } finally {
    await browser.close();
    await server.close();
  }
  process.stdout.write(failures.length ? `${failures.join('\n')}\n` : 'The gallery looks as it did.\n');
  process.exitCode = failures.length ? 1 : 0;
}

await main();
