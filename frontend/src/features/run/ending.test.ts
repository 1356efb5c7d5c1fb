import { expect, it } from 'vitest';

import { wordsOf } from './ending';

it('says of a limit what to do on this page, and not what to send', () => {
  const words = wordsOf({
    code: 'idle_exceeded',
    message: 'idle_seconds: the run was idle for its limit of 600 s.',
    remedy: 'Ask for more with "limits": {"idle_seconds": 1200}, up to the ceiling that policy sets.',
  });
  expect(words.message).toBe('The run was idle for its limit of 600 s.');
  expect(words.remedy).not.toContain('idle_seconds');
  expect(words.remedy).toContain('Run it again');
});

it.each([
  ['sandbox_lost', 'The sandbox ended.', 'Ask for a new run.'],
  ['constructor', 'x', 'y'],
])('leaves other words as they are: %s', (code, message, remedy) =>
  expect(wordsOf({ code, message, remedy }).remedy).toBe(remedy),
);
