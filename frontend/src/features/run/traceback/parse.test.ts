import { describe, expect, it } from 'vitest';

import { failure, parseTraceback, sqlLine } from './parse';
import { processorTime } from '../../../../tests/processor';

const RULE = '-'.repeat(75);

describe('parseTraceback', () => {
  const plain = [
    RULE,
    'ZeroDivisionError                         Traceback (most recent call last)',
    'Cell In[2], line 4\n      1 a = 1\n      2 for i in range(3):\n      3     a += i\n----> 4 g(0)\n      5 print(a)\n',
    'Cell In[1], line 5, in g(y)\n      4 def g(y):\n----> 5     return f(y)\n',
    'Cell In[1], line 2, in f(x)\n      1 def f(x):\n----> 2     return 1/x\n',
    'ZeroDivisionError: division by zero',
  ];

  it('finds frames, their lines and the message', () => {
    const { parts } = parseTraceback(plain, 'ZeroDivisionError', 'division by zero');
    expect(parts).toHaveLength(1);
    expect(parts[0]?.message).toBe('ZeroDivisionError: division by zero');
    expect(parts[0]?.frames.map(({ cell, line, call }) => [cell, line, call])).toEqual([
      [2, 4, ''],
      [1, 5, 'g(y)'],
      [1, 2, 'f(x)'],
    ]);
    expect(parts[0]?.frames[1]?.source).toEqual([
      { number: 4, text: 'def g(y):', at: false },
      { number: 5, text: '    return f(y)', at: true },
    ]);
  });

  it('says where the cell itself stopped', () => {
    expect(failure(parseTraceback(plain, '', ''))).toEqual({ cell: 2, line: 4 });
  });

  it('reads a syntax error, whose code and message come together', () => {
    const given = ['  Cell In[3], line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n'];
    const read = parseTraceback(given, 'SyntaxError', 'invalid syntax (1843956808.py, line 1)');
    expect(read.parts[0]?.message).toBe('SyntaxError: invalid syntax');
    expect(read.parts[0]?.frames[0]?.source).toEqual([
      { number: 1, text: 'x = = 1', at: true },
      { number: null, text: '    ^', at: false },
    ]);
    expect(failure(read)).toEqual({ cell: 3, line: 1 });
  });

  it('keeps a chain of exceptions apart, and the way from one to the next', () => {
    const { parts } = parseTraceback(
      [
        RULE,
        'KeyError                                  Traceback (most recent call last)',
        'File /opt/site/pandas/core/indexes/base.py:3816, in Index.get_loc(self, key)\n   3815 try:\n-> 3816     return self._engine.get_loc(casted_key)\n',
        "File pandas/_libs/index.pyx:172, in pandas._libs.index.IndexEngine.get_loc()\n--> 172 'Could not get source.'",
        "KeyError: 'missing'",
        '\nThe above exception was the direct cause of the following exception:\n',
        'KeyError                                  Traceback (most recent call last)',
        "Cell In[4], line 3\n      2 df = 1\n----> 3 df['missing']\n",
        'File /opt/site/pandas/core/frame.py:4330, in DataFrame.__getitem__(self, key)\n   4326 \n   4329  return 1\n-> 4330             indexer = 1\n',
        "KeyError: 'missing'",
      ],
      'KeyError',
      "'missing'",
    );
    expect(parts.map(({ because, frames, message }) => [because, frames.length, message])).toEqual([
      ['', 2, "KeyError: 'missing'"],
      ['The above exception was the direct cause of the following exception:', 2, "KeyError: 'missing'"],
    ]);
    expect(failure(parseTraceback(['Cell In[4], line 3\n----> 3 x\n'], '', ''))).toEqual({ cell: 4, line: 3 });
    expect(parts[1]?.frames[1]?.source[0]).toEqual({ number: 4326, text: '', at: false });
  });

  it('counts a frame that comes again and again', () => {
    const again = 'Cell In[6], line 2, in r(n)\n----> 2     return r(n+1)\n';
    const { parts } = parseTraceback(
      ['Cell In[6], line 3\n----> 3 r(0)\n', again, again, again, 'RecursionError: too deep'],
      'RecursionError',
      'too deep',
    );
    expect(parts[0]?.frames.map((frame) => frame.times)).toEqual([1, 3]);
  });

  it('leaves a message of several lines whole, and its markup text', () => {
    const { parts } = parseTraceback(
      ['Cell In[1], line 1\n----> 1 x\n', 'AssertionError: <script>alert(1)</script>\nline'],
      'AssertionError',
      '',
    );
    expect(parts[0]?.message).toBe('AssertionError: <script>alert(1)</script>\nline');
  });

  it('takes what renders itself as a message alone', () => {
    const read = parseTraceback(
      ['CatalogException: Catalog Error: no table t\n\nLINE 2: FROM t\n             ^'],
      'CatalogException',
      '',
    );
    expect(read.parts).toHaveLength(1);
    expect(read.parts[0]?.frames).toEqual([]);
    expect(failure(read)).toBeNull();
    expect(sqlLine(read.text)).toBe(2);
  });

  it('says at least the name where there is no traceback', () => {
    expect(parseTraceback([], 'Error', 'gone').parts[0]?.message).toBe('Error: gone');
  });

  it('strips colours', () => {
    expect(parseTraceback(['\u001b[31mValueError\u001b[0m: no'], '', '').parts[0]?.message).toBe('ValueError: no');
  });

  it('is not slow on hostile text', () => {
    const hostile = [`Cell In[1], line 1${' '.repeat(60_000)}x`, '-'.repeat(60_000) + 'x', `A${' '.repeat(60_000)}`];
    const spent = processorTime(() => void parseTraceback(hostile, '', ''));
    expect(spent).toBeLessThan(1_000);
  });
});
