import { describe, expect, it } from 'vitest';

import type { RichOutput } from '../live/outputs';
import { placeOf, stopOf } from '../cell/failure';
import { sizeOfPng } from './png';
import { viewsOf } from './views';
import { processorTime } from '../../../../tests/processor';

const rich = (data: Record<string, unknown>): RichOutput => ({ output_type: 'display_data', data, metadata: {} });
const kinds = (data: Record<string, unknown>) => viewsOf(rich(data)).map((view) => view.kind);
const TABLE = 'application/vnd.bailiwick.table+json';
const PANDAS = '<table border="1" class="dataframe"><tbody><tr><th>0</th><td>1</td></tr></tbody></table>';

describe('viewsOf', () => {
  it.each([
    ['a DataFrame', { [TABLE]: { columns: [], rows: [] }, 'text/html': PANDAS, 'text/plain': 'x' }, ['table']],
    ['one without data', { 'text/html': PANDAS, 'text/plain': 'x' }, ['table']],
    [
      'a styled one',
      { [TABLE]: { columns: [], rows: [] }, 'text/html': '<style></style><table id="T">' },
      ['table', 'document'],
    ],
    ['HTML', { 'text/html': '<b>x</b>', 'text/plain': '<IPython.core.display.HTML object>' }, ['document']],
    ['a figure', { 'image/png': 'aGk=', 'text/plain': '<Figure size 1x1 with 1 Axes>' }, ['figure', 'text']],
    ['a picture that is none', { 'image/png': '"><script>' }, ['text']],
    ['JSON', { 'application/json': { a: 1 }, 'text/plain': '<IPython.core.display.JSON object>' }, ['json']],
    ['Markdown', { 'text/markdown': '# x' }, ['text']],
    ['something unknown', { 'application/x-unknown': 'x' }, ['text']],
    ['nothing', {}, ['text']],
  ])('%s', (_, data, expected) => expect(kinds(data)).toEqual(expected));

  it.each([
    ['<svg width="1" height="120">', { width: 1, height: 120 }],
    [
      '<?xml version="1.0"?>\n<svg width="432pt" height="288.5pt" viewBox="0 0 432 288.5">',
      { width: 576, height: 385 },
    ],
    ['<svg height="100%" width="100%">', { width: 300, height: 150 }],
    ['<svg viewBox="0 0 640, 480">', { width: 640, height: 480 }],
    [`<svg width='64' viewBox='0 0 640 480'>`, { width: 64, height: 48 }],
    ['<svg width="999999" height="0" viewBox="0 0 -1 NaN">', { width: 32_768, height: 150 }],
    ['<svg width="1constructor" height="1ex">', { width: 300, height: 150 }],
  ])('takes the size that %s states', (svg, size) => {
    expect(viewsOf(rich({ 'image/svg+xml': svg }))[0]).toMatchObject({ size });
  });

  it('is not slow on hostile text', () => {
    const hostile = {
      'image/svg+xml': '<svg '.repeat(50_000),
      'text/html': '<table class="dataframe"' + '<'.repeat(200_000),
    };
    expect(processorTime(() => void viewsOf(rich(hostile)))).toBeLessThan(1_000);
  });
});

describe('sizeOfPng', () => {
  it('reads the header', () => {
    const header = '\u0089PNG\r\n\u001a\n\0\0\0\rIHDR\0\0\u0002\u0080\0\0\u0001\u00e0';
    expect(sizeOfPng(btoa(header))).toEqual({ width: 640, height: 480 });
  });
  it.each(['', 'aGk=', '!!!'])('%j is no PNG', (text) => expect(sizeOfPng(text)).toBeNull());
});

describe('stopOf', () => {
  const failed = (traceback: string[], language = 'python', code = 'a\nb\nc') => ({
    number: 7,
    language,
    code,
    outputs: [{ output_type: 'error', ename: 'E', evalue: 'v', traceback }],
  });

  it('finds the line, and other cells by how far the counts are apart', () => {
    const cell = failed(['Cell In[5], line 2\n----> 2 b\n', 'Cell In[3], line 9, in f()\n----> 9 x\n', 'E: v']);
    const stop = stopOf(cell);
    expect(stop).toEqual({ line: 2, cell: 5, message: 'E: v' });
    expect(placeOf({ cell: 3, line: 9 }, cell, stop)).toEqual({ number: 5, line: 9 });
    expect(placeOf({ cell: null, line: 9 }, cell, stop)).toBeNull();
  });
  it('finds the line of SQL', () => {
    expect(stopOf(failed(['ParserException: no\n\nLINE 2: x'], 'sql'))).toMatchObject({ line: 2, cell: null });
  });
  it('says nothing of a line that the code does not have', () => {
    expect(stopOf(failed(['Cell In[5], line 99\n----> 99 b\n']))).toBeNull();
  });
});
