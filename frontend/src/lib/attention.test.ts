import { afterEach, expect, it, vi } from 'vitest';

import { attentionHeaders } from './attention';

afterEach(() => vi.useRealTimers());

it('says that nobody is there a minute after the last sign of a person, and takes it back at the next', () => {
  vi.useFakeTimers();
  window.dispatchEvent(new Event('pointerdown'));
  expect(attentionHeaders()).toEqual({});
  vi.advanceTimersByTime(60_001);
  expect(attentionHeaders()).toEqual({ 'X-Unattended': 'true' });
  window.dispatchEvent(new Event('keydown'));
  expect(attentionHeaders()).toEqual({});
});
