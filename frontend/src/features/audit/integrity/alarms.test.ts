import { describe, expect, it } from 'vitest';

import type { Integrity } from '@/lib/api';

import { alarmsOf } from './alarms';
import { aStanding } from './integrity.specimens';

const tones = (over: Partial<Integrity>) => alarmsOf(aStanding(over)).map(({ tone }) => tone);
const { meta } = aStanding();
const witness = (state: 'ok' | 'refusing' | 'silent') => ({
  meta: { ...meta, witnesses: [{ name: 'w', state, cosigned_at: null }] },
});

describe('alarms of a log', () => {
  it('are none when it grows, was checked, and witnesses saw it', () => {
    expect(tones({})).toEqual([]);
  });

  it('ring for every result of the full check but one', () => {
    for (const result of ['tampered', 'untrusted'] as const) {
      expect(tones({ last_verification: { at: '2026-01-01T00:00:00Z', size: 1, result } })).toEqual(['bad']);
    }
    expect(tones({ last_verification: null })).toEqual(['wait']);
  });

  it('ring for a witness that refuses, and tell of one that is silent or of none', () => {
    expect(tones(witness('refusing'))).toEqual(['bad']);
    expect(tones(witness('silent'))).toEqual(['wait']);
    expect(tones({ meta: { ...meta, witnesses: [] } })).toEqual(['wait']);
  });

  it('ring for entries that wait', () => {
    expect(tones({ lag_seconds: 9.9 })).toEqual([]);
    expect(tones({ lag_seconds: 10.1 })).toEqual(['bad']);
  });

  it('begin with the worst', () => {
    expect(tones({ last_verification: null, lag_seconds: 60, ...witness('silent') })).toEqual(['bad', 'wait', 'wait']);
  });
});
