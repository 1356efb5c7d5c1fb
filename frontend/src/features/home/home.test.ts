import { describe, expect, it } from 'vitest';

import type { PaginatedRunList, Run, RunStateEnum } from '@/lib/api';

import { filterOf, isFiltered, projectOf } from './filter';
import { liveBelow, withHead, withRuns, type RunPages } from './live';
import { noteOf } from './note';
import { runsSearch } from './search';

const NOW = Date.parse('2026-03-01T12:03:20Z');

describe('runsSearch', () => {
  it('keeps what it knows and takes out the rest, by name', () => {
    expect(runsSearch({ q: 7, state: 'ready,no,failed', who: 'me', time: 'year', since: '2026-13-40', x: 1 })).toEqual({
      q: '7',
      state: 'ready,failed',
      project: undefined,
      environment: undefined,
      who: undefined,
      time: undefined,
      since: undefined,
      until: undefined,
    });
    expect(Object.keys(runsSearch({ time: 'year' }))).toContain('time');
  });

  it('lets a span stand for itself', () => {
    const { time, since } = runsSearch({ time: 'week', since: '2026-01-01' });
    expect([time, since]).toEqual(['week', undefined]);
  });
});

describe('filterOf', () => {
  it('asks for the own runs in the project of the switch', () => {
    expect(filterOf({}, 'p', NOW)).toEqual({ owner: 'me', project: 'p' });
  });

  it('follows the address before the switch', () => {
    expect(filterOf({ project: 'all', who: 'all' }, 'p', NOW)).toEqual({});
    expect(projectOf({ project: 'other' }, 'p')).toBe('other');
  });

  it('turns a span into a moment that stands still for a while', () => {
    const { since } = filterOf({ time: 'hour' }, null, NOW);
    expect(since).toBe('2026-03-01T11:00:00.000Z');
    expect(filterOf({ time: 'hour' }, null, NOW + 60_000).since).toBe(since);
  });

  it('takes both days whole, by the reader’s clock', () => {
    const { since, until } = filterOf({ since: '2026-02-01', until: '2026-02-01' }, null, NOW);
    expect(new Date(since ?? '')).toEqual(new Date(2026, 1, 1));
    expect(new Date(until ?? '')).toEqual(new Date(2026, 1, 2));
  });

  it('knows a filter from its absence', () => {
    expect([{}, { who: 'all' as const }, { project: 'all' }].map(isFiltered)).toEqual([false, false, false]);
    expect(isFiltered({ state: 'ready' })).toBe(true);
  });
});

function run(id: string, state: RunStateEnum = 'closed'): Run {
  return { id, state } as Run;
}

function page(ids: string, next: string | null): PaginatedRunList {
  return { results: Array.from(ids, (id) => run(id)), next, previous: null };
}

function pages(...given: PaginatedRunList[]): RunPages {
  return { pages: given, pageParams: given.map((_, at) => (at ? `c${at}` : null)) };
}

function shown({ pages: all }: RunPages): string {
  return all.map(({ results }) => results.map(({ id }) => id).join('')).join('|');
}

describe('withHead', () => {
  const old = pages(page('abc', 'c1'), page('def', 'c2'), page('ghi', null));

  it.each([
    ['puts what came before it', page('xab', 'n'), 'xabc|def|ghi'],
    ['takes out what went', page('acd', 'n'), 'acdef|ghi'],
    ['drops the pages that the beginning covers', page('xyabcd', 'n'), 'xyabcdef|ghi'],
    ['begins again where the two do not meet', page('xyz', 'n'), 'xyz'],
    ['is all there is when nothing follows', page('ab', null), 'ab'],
    ['is empty when nothing is left', page('', null), ''],
  ])('%s', (_, head, expected) => expect(shown(withHead(old, head))).toBe(expected));

  it('goes on where the old pages went on', () => {
    const { pages: all, pageParams } = withHead(old, page('acd', 'n'));
    expect(all.map(({ next }) => next)).toEqual(['c2', null]);
    expect(pageParams).toEqual([null, 'c2']);
  });
});

describe('runs below the beginning', () => {
  it('are looked at again only while they live', () => {
    const below = { results: [run('d', 'ready'), run('e'), run('f', 'executing')], next: null, previous: null };
    expect(liveBelow(pages(page('abc', 'c1'), below), page('abc', 'c1'), 1)).toEqual(['d']);
    expect(liveBelow(pages(page('abc', 'c1'), below), page('abc', 'c1'), 9)).toEqual(['d', 'f']);
  });

  it('are replaced, or taken out', () => {
    const fresh = new Map([
      ['b', run('b', 'failed')],
      ['c', null],
    ]);
    const made = withRuns(pages(page('abc', null)), fresh);
    expect(made.pages[0]?.results.map(({ id, state }) => `${id}:${state}`)).toEqual(['a:closed', 'b:failed']);
  });
});

describe('noteOf', () => {
  const plain = {
    state: 'ready',
    environment: { name: 'python', digest: '' },
    executions: [{}, {}],
    files: [{ name: 'a.csv' }],
    packages: ['humanize==4.9.0'],
    decision: { reasons: [] },
    ending: null,
    queue_position: null,
  } as unknown as Run;

  it.each<[Partial<Run>, ReturnType<typeof noteOf>]>([
    [{}, { text: 'python · 2 cells · a.csv · humanize==4.9.0' }],
    [
      { state: 'queued', queue_position: 1 },
      { tone: 'info', text: 'Next in the queue' },
    ],
    [
      { state: 'failed', ending: { code: 'x', message: 'It broke.', remedy: '' } },
      { tone: 'bad', text: 'It broke.' },
    ],
  ])('%o', (changes, note) => expect(noteOf({ ...plain, ...changes })).toEqual(note));
});
