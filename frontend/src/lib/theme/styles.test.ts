import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

import { expect, it } from 'vitest';

const MANTINE = 'node_modules/@mantine/core';
const read = (path: string) => readFileSync(path, 'utf8');
const under = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' });

/** What the console takes from Mantine, by name. */
function taken(): Set<string> {
  const names = new Set<string>();
  for (const file of under('src').filter((name) => /\.tsx?$/.test(name))) {
    for (const [, list = ''] of read(join('src', file)).matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)) {
      for (const name of list.split(',').map((one) => one.trim()))
        if (name && !name.startsWith('type ')) names.add(name);
    }
  }
  return names;
}

/** The style sheets of these components, and of those that they are made of. */
function sheetsOf(names: ReadonlySet<string>): string[] {
  const modules = under(`${MANTINE}/esm`).filter((name) => name.endsWith('.mjs'));
  const waiting = modules.filter((path) => names.has(path.split('/').at(-1)?.replace('.mjs', '') ?? ''));
  const seen = new Set<string>();
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const [, other = ''] of read(`${MANTINE}/esm/${path}`).matchAll(/from ["'](\.[^"']+)["']/g)) {
      waiting.push(normalize(join(path, '..', other)));
    }
  }
  const styled = [...seen].map((path) => /(\w+)\.module\.mjs$/.exec(path)?.[1]).filter((name) => name !== undefined);
  return ['baseline', 'default-css-variables', 'global', ...styled];
}

/** In Mantine's own order, which later rules count on. */
function inOrder(sheets: readonly string[]): string[] {
  const plain = (css: string) => css.replace(/\s+/g, '');
  const whole = plain(read(`${MANTINE}/styles.layer.css`));
  const place = (name: string) =>
    whole.indexOf(
      plain(read(`${MANTINE}/styles/${name}.layer.css`))
        .replace('@layermantine{', '')
        .slice(0, 40),
    );
  return [...sheets].sort((a, b) => place(a) - place(b));
}

it("holds Mantine's styles for every component that is shown, and for no other", () => {
  const held = [...read('src/lib/theme/styles.css').matchAll(/core\/styles\/([\w-]+)\.layer\.css/g)].map(
    ([, name]) => name,
  );
  expect(held).toEqual(inOrder(sheetsOf(taken())));
});
