import { describe, expect, it } from 'vitest';

import type { Command } from '@/lib/commands';

import { search } from './search';

function command(title: string, section = 'Go to', keywords = ''): Command {
  return { id: title, title, section, keywords, run: () => undefined };
}

const all = [
  command('Runs'),
  command('New run'),
  command('Account and tokens'),
  command('Theme: Dark', 'View', 'night'),
  command('Switch to project Tokamak', 'Project'),
];

describe('search', () => {
  it.each([
    ['', ['Runs', 'New run', 'Account and tokens', 'Theme: Dark', 'Switch to project Tokamak']],
    ['run', ['Runs', 'New run']],
    ['tok', ['Account and tokens', 'Switch to project Tokamak']],
    ['proj toka', ['Switch to project Tokamak']],
    ['night', ['Theme: Dark']],
    ['theme dark', ['Theme: Dark']],
    ['UN', ['Runs', 'New run', 'Account and tokens'].slice(0, 3)],
    ['nothing', []],
  ])('%s finds %j', (query, titles) => expect(search(all, query).map(({ title }) => title)).toEqual(titles));
});
