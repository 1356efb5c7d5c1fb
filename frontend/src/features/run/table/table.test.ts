import { describe, expect, it } from 'vitest';

import { tableOfHtml } from './html';
import { arranged, csvOf, kindOf, placesOf, seen, type TableData } from './model';
import { tableOfPlatform, tableOfResource } from './resource';
import { processorTime } from '../../../../tests/processor';

const STYLE = '<style scoped>\n .dataframe tbody tr th { vertical-align: top; }\n</style>\n';
const html = (inside: string, after = '') =>
  `<div>\n${STYLE}<table border="1" class="dataframe">\n${inside}\n</table>\n${after}</div>`;
const head = (...names: string[]) =>
  `<tr style="text-align: right;">${names.map((n) => `<th>${n}</th>`).join('')}</tr>`;
const row = (index: string, ...values: string[]) =>
  `<tr>\n<th>${index}</th>${values.map((v) => `\n<td>${v}</td>`).join('')}\n</tr>`;

describe('tableOfHtml', () => {
  it('reads names, index, values and kinds', () => {
    const table = tableOfHtml(
      html(`<thead>${head('', 'a', 'b')}</thead><tbody>${row('0', '1.5', 'x')}${row('1', '2.0', 'z')}</tbody>`),
    );
    expect(table).toEqual({
      columns: [
        { name: '', kind: 'number', index: true },
        { name: 'a', kind: 'number', index: false },
        { name: 'b', kind: 'text', index: false },
      ],
      rows: [
        ['0', '1.5', 'x'],
        ['1', '2.0', 'z'],
      ],
      totalRows: 2,
      totalColumns: 2,
    });
  });

  it('takes the name of the index from its own row', () => {
    const table = tableOfHtml(
      html(`<thead>${head('', 'a')}<tr><th>when</th><th></th></tr></thead><tbody>${row('2026-01-01', '1')}</tbody>`),
    );
    expect(table?.columns.map(({ name, kind }) => [name, kind])).toEqual([
      ['when', 'date'],
      ['a', 'number'],
    ]);
  });

  it('spreads what spans rows and columns', () => {
    const table = tableOfHtml(
      html(
        `<thead><tr><th></th><th></th><th colspan="2" halign="left">A</th></tr>
         <tr><th></th><th></th><th>x</th><th>y</th></tr><tr><th>k</th><th>n</th><th></th><th></th></tr></thead>
         <tbody><tr><th rowspan="2" valign="top">p</th><th>1</th><td>1</td><td>2</td></tr>
         <tr><th>2</th><td>3</td><td>4</td></tr></tbody>`,
      ),
    );
    expect(table?.columns.map(({ name, index }) => [name, index])).toEqual([
      ['k', true],
      ['n', true],
      ['A / x', false],
      ['A / y', false],
    ]);
    expect(table?.rows).toEqual([
      ['p', '1', '1', '2'],
      ['p', '2', '3', '4'],
    ]);
  });

  it('leaves out the dots and says how much there was', () => {
    const table = tableOfHtml(
      html(
        `<thead>${head('', 'a', '...', 'z')}</thead>
         <tbody>${row('0', '1', '...', '2')}${row('...', '...', '...', '...')}${row('4999', '3', '...', '4')}</tbody>`,
        '<p>5000 rows × 26 columns</p>',
      ),
    );
    expect(table?.columns.map(({ name }) => name)).toEqual(['', 'a', 'z']);
    expect(table?.rows).toEqual([
      ['0', '1', '2'],
      ['4999', '3', '4'],
    ]);
    expect([table?.totalRows, table?.totalColumns]).toEqual([5000, 26]);
  });

  it('keeps hostile names and values as text', () => {
    const table = tableOfHtml(
      html(
        `<thead>${head('', '&lt;script&gt;alert(1)&lt;/script&gt;')}</thead>
         <tbody>${row('0', '&lt;img src=x onerror=alert(1)&gt; &amp;amp; &#39;&#x202e;')}</tbody>`,
      ),
    );
    expect(table?.columns[1]?.name).toBe('<script>alert(1)</script>');
    expect(table?.rows[0]?.[1]).toBe("<img src=x onerror=alert(1)> &amp; '\u202e");
  });

  it.each([
    ['markup in a cell', html(`<tbody>${row('0', '<b>1</b>')}</tbody>`)],
    ['an image', html(`<tbody>${row('0', '<img src=x onerror=alert(1)>')}</tbody>`)],
    ['a script around it', `<script>1</script>${html(`<tbody>${row('0', '1')}</tbody>`)}`],
    ['a second table', html(`<tbody>${row('0', '1')}</tbody>`) + html('')],
    ['no table of pandas', '<table><tr><td>1</td></tr></table>'],
    ['something cut short', '<table class="dataframe"><tr><td'],
    ['nothing', ''],
  ])('leaves %s to the frame', (_, given) => expect(tableOfHtml(given)).toBeNull());

  it('takes in 100,000 rows in little time', () => {
    const rows = Array.from({ length: 100_000 }, (_, n) => row(String(n), String(n * 2), 'text')).join('');
    const spent = processorTime(() => {
      const table = tableOfHtml(html(`<thead>${head('', 'a', 'b')}</thead><tbody>${rows}</tbody>`));
      expect(table?.rows).toHaveLength(100_000);
    });
    expect(spent).toBeLessThan(4_000);
  });
});

describe('tableOfResource', () => {
  const schema = {
    fields: [
      { name: 'index', type: 'integer' },
      { name: 'constructor', type: 'string' },
      { name: 'n', type: 'number' },
    ],
    primaryKey: ['index'],
  };

  it('reads rows that are objects, and rows that are lists', () => {
    const objects = tableOfResource({ schema, data: [{ index: 0, constructor: 'a', n: 1.5 }, { index: 1 }] });
    const lists = tableOfResource({ schema, data: [[0, 'a', 1.5], [1]], total_rows: 7 });
    expect(objects?.rows).toEqual([
      [0, 'a', 1.5],
      [1, null, null],
    ]);
    expect(lists?.rows).toEqual(objects?.rows);
    expect([objects?.totalRows, lists?.totalRows]).toEqual([2, 7]);
    expect(objects?.columns.map(({ name, kind, index }) => [name, kind, index])).toEqual([
      ['', 'number', true],
      ['constructor', 'text', false],
      ['n', 'number', false],
    ]);
  });

  it.each([[null], [{}], [{ schema: {}, data: [] }], [{ schema: { fields: [] } }], ['text']])('refuses %j', (given) =>
    expect(tableOfResource(given)).toBeNull(),
  );
});

describe('tableOfPlatform', () => {
  it('tells the index from the columns, and writes times as people do', () => {
    const table = tableOfPlatform({
      columns: [
        { name: 'region / ', type: 'string' },
        { name: 'at', type: 'datetime' },
        { name: 'for', type: 'duration' },
      ],
      rows: [['North', '2026-01-01T10:00:00.000', 'P1DT2H0M0S']],
      total_rows: 12,
      total_columns: 2,
    });
    expect(table?.columns.map(({ name, kind, index }) => [name, kind, index])).toEqual([
      ['region', 'text', true],
      ['at', 'date', false],
      ['for', 'text', false],
    ]);
    expect(table?.rows).toEqual([['North', '2026-01-01 10:00:00', '1 days 02:00:00']]);
    expect([table?.totalRows, table?.totalColumns]).toEqual([12, 2]);
  });
  it.each([[null], [{ columns: [] }], [[]]])('refuses %j', (given) => expect(tableOfPlatform(given)).toBeNull());
});

describe('numbers', () => {
  const data: TableData = {
    columns: [{ name: 'n', kind: 'number', index: false }],
    rows: [[312792.7500000001], [4], [1e-9], [null]],
    totalRows: null,
    totalColumns: null,
  };
  it('stand below one another', () => {
    const places = placesOf(data, 0);
    expect(data.rows.map(([value]) => seen(value, places))).toEqual(['312792.75', '4.00', '1.00000e-9', '']);
  });
  it('that are whole stay whole', () => expect(seen(2026, 0)).toBe('2026'));
});

describe('arranged', () => {
  const data: TableData = {
    columns: [
      { name: 'n', kind: 'number', index: false },
      { name: 't', kind: 'text', index: false },
    ],
    rows: [
      ['10', 'b10'],
      ['9', 'b9'],
      ['NaN', 'A'],
      ['1,000', 'a'],
    ],
    totalRows: null,
    totalColumns: null,
  };
  it.each([
    ['as it came', null, '', null, [0, 1, 2, 3]],
    ['by number', { column: 0, descending: false }, '', null, [1, 0, 3, 2]],
    ['downwards, what is missing last', { column: 0, descending: true }, '', null, [3, 0, 1, 2]],
    ['by text as people count', { column: 1, descending: false }, '', null, [2, 3, 1, 0]],
    ['what holds a word', null, 'B', null, [0, 1]],
    ['in one column', null, '9', 0, [1]],
    ['both', { column: 0, descending: true }, 'b', 1, [0, 1]],
  ] as const)('%s', (_, sort, words, within, expected) =>
    expect([...arranged(data, sort, words, within)]).toEqual(expected),
  );

  it('sorts 100,000 rows in little time', () => {
    const rows = Array.from({ length: 100_000 }, (_, n) => [String((n * 7919) % 100_003), `t${n}`]);
    const spent = processorTime(() => {
      const sorted = arranged({ ...data, rows }, { column: 0, descending: false }, '', null);
      expect(rows[sorted[0] ?? -1]?.[0]).toBe('0');
    });
    expect(spent).toBeLessThan(2_000);
  });

  it('writes CSV that keeps commas, quotes and line feeds', () => {
    const one: TableData = { ...data, rows: [['1', 'a,"b"\nc']] };
    expect(csvOf(one, [0])).toBe('n,t\r\n1,"a,""b""\nc"\r\n');
  });
});

describe('kindOf', () => {
  it.each([
    [['1', '2.5', '-3e4', 'NaN', '1,234', '5%'], 'number'],
    [['True', 'False'], 'boolean'],
    [['2026-01-01', '2026-01-01 10:00:00'], 'date'],
    [['1', 'x'], 'text'],
    [['NaN', null], 'text'],
  ] as const)('%j is %s', (values, kind) => expect(kindOf(values)).toBe(kind));
});
