import { describe, expect, it } from 'vitest';

import { holdsNoMarkup, isOwnScript } from './security';

describe('what the default policy lets pass', () => {
  it.each([
    [':root{--a: 1px} @media (max-width: 40em) {.b > .c {color: red}}', true],
    ['<img src=x onerror=alert(1)>', false],
    ['</style><script>alert(1)</script>', false],
    ['&lt;b&gt;', false],
  ])('as markup: %s %s', (text, passes) => expect(holdsNoMarkup(text)).toBe(passes));

  it.each([
    ['/assets/worker-Dh8YEE09.js', true],
    [`${window.location.origin}/assets/worker-Dh8YEE09.js`, true],
    ['https://elsewhere.example/assets/worker.js', false],
    ['//elsewhere.example/assets/worker.js', false],
    ['/api/v1/runs/1/artifacts/evil.js', false],
    ['/assets/../api/v1/runs/1/artifacts/evil.js', false],
    ['data:text/javascript,alert(1)', false],
    ['blob:http://localhost/1', false],
    ['javascript:alert(1)', false],
  ])('as a script: %s %s', (address, passes) => expect(isOwnScript(address)).toBe(passes));
});
