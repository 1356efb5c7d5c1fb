import { CompletionContext } from '@codemirror/autocomplete';
import { EditorState } from '@codemirror/state';
import { describe, expect, it } from 'vitest';

import type { Execution, Run } from '@/lib/api';

import type { Language } from '../states';
import { completionOf, namesOf, type Names } from './completion';
import { knownOf } from './known';
import { coloured, languageExtension } from './language';
import { pythonNames, sqlNames, subscripts } from './names';

describe('pythonNames', () => {
  it.each([
    ['x = 1\ny: int = 2\nz += 1', ['x', 'y', 'z']],
    ['a, (b, c) = f(d)', ['a', 'b', 'c']],
    ['def f(arg):\n    inner = arg', ['f', 'inner']],
    ['class Shop: pass', ['Shop']],
    ['import pandas as pd\nfrom os import path', ['pandas', 'pd', 'os', 'path']],
    ['for row in rows: pass', ['row']],
    ['with open(p) as handle: pass', ['handle']],
    ['print(unknown)', []],
    ['', []],
    ['x = = broken (', ['x']],
  ])('%j defines %j', (code, names) => expect([...pythonNames(code)].sort()).toEqual([...names].sort()));
});

describe('other names', () => {
  it('columns in brackets', () => {
    expect([...subscripts(`df["amount"] + t['a b'] + x[0]`)]).toEqual(['amount', 'a b']);
  });
  it('tables that SQL creates', () => {
    expect([...sqlNames('CREATE OR REPLACE TABLE one AS select 1; create view "a b" as select 2')]).toEqual([
      'one',
      'a b',
    ]);
  });
});

const names: Names = {
  variables: ['sales', 'pd'],
  columns: ['region', 'net amount'],
  tables: ['sales_2026'],
  files: ['sales_2026.csv', 'outputs/a b.txt'],
};

/** What is proposed where `|` stands. */
function proposed(language: Language, text: string, explicit = false): { labels: string[]; applied: unknown[] } {
  const at = text.indexOf('|');
  const state = EditorState.create({ doc: text.replace('|', ''), extensions: languageExtension(language) });
  const found = completionOf(language, () => names)(new CompletionContext(state, at, explicit));
  const options = found && 'options' in found ? found.options : [];
  return { labels: options.map((one) => one.label), applied: options.map((one) => one.apply) };
}

describe('completion', () => {
  it.each([
    ['python', 'sa|', ['sales', 'pd']],
    ['python', 'sales.re|', ['region']],
    ['python', "sales['|", ['region', 'net amount']],
    ['python', "open('sa|", ['sales_2026.csv', 'outputs/a b.txt', 'region', 'net amount']],
    ['python', "print('a') + '|", ['sales_2026.csv', 'outputs/a b.txt', 'region', 'net amount']],
    ['python', '|', []],
    ['sql', 'select * from sa|', ['sales_2026', 'sales', 'pd', 'region', 'net amount']],
    ['bash', 'cat sa|', ['sales_2026.csv', 'outputs/a b.txt']],
  ] as const)('%s: %s', (language, text, labels) => expect(proposed(language, text).labels).toEqual(labels));

  it('quotes what has to be quoted', () => {
    expect(proposed('sql', 'select n|').applied).toContain('"net amount"');
    expect(proposed('bash', 'cat o|').applied).toContain("'outputs/a b.txt'");
  });

  it('leaves out names that would deceive', () => {
    const made = namesOf({ cells: [], columns: ['a\u202eb', 'fine', 'x'.repeat(500), 'line\nfeed'], files: [] });
    expect(made.columns).toEqual(['fine']);
  });

  it('finds names in what the run has shown', () => {
    const run = { files: [{ name: 'penguins.csv' }] } as Run;
    const cell = {
      language: 'python',
      code: 'df = 1',
      outputs: [
        {
          output_type: 'execute_result',
          data: { 'application/vnd.bailiwick.table+json': { columns: [{ name: 'bill', type: 'number' }], rows: [] } },
          metadata: {},
        },
      ],
      artifacts: [{ name: 'a.csv' }],
    } as unknown as Execution;
    const made = namesOf(knownOf(run, [cell]));
    expect(made).toEqual({
      variables: ['df'],
      columns: ['bill'],
      tables: ['penguins'],
      files: ['penguins.csv', 'outputs/a.csv'],
    });
  });
});

describe('coloured', () => {
  it('loses nothing of the code', () => {
    const code = 'def f(x):\n    """text\n    over lines"""\n    return x  # done\n';
    const lines = coloured(code, 'python');
    expect(lines.map((line) => line.map((token) => token.text).join('')).join('\n')).toBe(code);
    expect(lines[0]?.[0]).toEqual({ text: 'def', style: 'tok-keyword' });
  });
});
