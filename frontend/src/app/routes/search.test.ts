import { beforeEach, describe, expect, it } from 'vitest';

import { createConsole } from '../router';

/** Every part that a page's address may have; what its route says of one that is hostile. */
const HOSTILE: readonly (readonly [string, string])[] = [
  ['another host', '//evil.example'],
  ['another host behind backslashes', '/\\evil.example'],
  ['another host behind a tab', '/\t/evil.example'],
  ['another host behind dots', '/..//evil.example'],
  ['an address', 'https://evil.example/'],
  ['a user of another host', 'https://console@evil.example'],
  ['a script', 'javascript:alert(1)'],
  ['a script in capitals behind a space', ' JaVaScRiPt:alert(1)'],
  ['a document', 'data:text/html,<script>alert(1)</script>'],
  ['the page itself', '/sign-in?to=/sign-in'],
  ['a list', '["/","//evil.example"]'],
  ['an object', '{"href":"//evil.example","toString":"x"}'],
  ['a prototype', '{"__proto__":{"to":"//evil.example"}}'],
  ['a number', '1'],
  ['yes', 'true'],
  ['nothing', 'null'],
  ['no text', ''],
  ['a null character', '/\u0000'],
  ['half a pair', '\ud800'],
  ['a path of our own without end', `/${'x'.repeat(200_000)}`],
  ['very much', `//${'x'.repeat(200_000)}`],
];

const { router } = createConsole();
const pages = Object.values(router.routesById).filter(({ options }) => options.validateSearch !== undefined);
const NAMES = [
  'to',
  'next',
  'error',
  'tab',
  'from',
  'q',
  'state',
  'project',
  'environment',
  'who',
  'time',
  'since',
  'until',
  'event',
  'run',
  'text',
  'outcome',
  'actor',
  'digest',
  'package',
  'dataset',
  'kind',
  'what',
  'below',
];

type Validate = (given: Record<string, unknown>) => Record<string, unknown>;

/** What the router hands to the page: texts of the address read as the router reads them, then as the route says. */
function given(validate: Validate, name: string, value: string): Record<string, unknown> {
  const search = router.options.parseSearch(`?${new URLSearchParams({ [name]: value }).toString()}`);
  return validate(search);
}

/** Wherever a browser would go for it, however often it is resolved. */
function leadsTo(value: string): string {
  const once = new URL(value, window.location.origin);
  return new URL(once.pathname, once).origin;
}

beforeEach(() => window.history.replaceState(null, '', '/'));

describe.each(pages.map((page) => [page.id, page.options.validateSearch as unknown as Validate] as const))(
  'the search of %s',
  (id, validate) => {
    it('names every part that it knows, also what is absent, so that the router keeps nothing that was given under it', () => {
      const known = Object.keys(validate({}));
      expect(known.length).toBeGreaterThan(0);
      expect(Object.values(validate({})).every((value) => value === undefined)).toBe(true);
      for (const name of known) expect(NAMES).toContain(name);
      for (const name of NAMES) expect(Object.keys(validate({ [name]: {} }))).toEqual(known);
    });

    it.each(HOSTILE)('makes nothing of %s but a text of its own kind', (_what, value) => {
      for (const name of NAMES) {
        const search = given(validate, name, value);
        for (const [part, kept] of Object.entries(search)) {
          expect(kept === undefined || typeof kept === 'string', `${id} ${part}`).toBe(true);
          if (part === 'to' && kept !== undefined) expect(leadsTo(kept as string)).toBe(window.location.origin);
          if (typeof kept === 'string') expect(kept.length, `${id} ${part}`).toBeLessThanOrEqual(2_000);
        }
      }
    });
  },
);

it('is told of every page that reads its address', () => {
  expect(pages.map(({ id }) => id).sort()).toEqual([
    '/sign-in',
    '/signed-in/',
    '/signed-in/account',
    '/signed-in/audit',
    '/signed-in/audit/recall',
    '/signed-in/runs/new',
  ]);
});

it('a page to go to afterwards is one of this console', () => {
  const signIn = pages.find(({ id }) => id === '/sign-in')?.options.validateSearch as unknown as Validate;
  expect(given(signIn, 'to', '/runs/new?from=x#y')).toMatchObject({ to: '/runs/new?from=x#y' });
  for (const [, value] of HOSTILE) {
    const { to } = given(signIn, 'to', value);
    if (to !== undefined) expect(leadsTo(to as string)).toBe(window.location.origin);
  }
});
