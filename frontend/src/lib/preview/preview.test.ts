// jsdom's Blob gives no streams.
import { Blob as NodeBlob } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';

import { describe, expect, it, vi } from 'vitest';

import { columnType } from './infer';
import { formatOf, read } from './read';
import { MOST_COLUMNS, MOST_ROWS, type PreviewError } from './types';

const blob = (content: string | Uint8Array<ArrayBuffer>) => new NodeBlob([content]) as Blob;
const file = (name: string) => blob(new Uint8Array(readFileSync(`tests/files/${name}`)));
const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => 'read',
    (error: unknown) => (error as PreviewError).reason,
  );

describe('columnType', () => {
  it.each([
    [['1', '-2', ''], 'integer'],
    [['1', '2.5', '1e3'], 'number'],
    [['01234', '10115'], 'text'],
    [['true', 'no', 'NA'], 'boolean'],
    [['2026-01-31', '31.01.2026'], 'date'],
    [['2026-01-31', '2026-01-31T10:00:00Z'], 'datetime'],
    [['1', 'one'], 'text'],
    [['1', 'true'], 'mixed'],
    [['', 'null', null, undefined], 'empty'],
    [[1n, 2], 'integer'],
    [[new Date('2026-01-31')], 'date'],
    [[new Date('2026-01-31T10:00:00Z'), null], 'datetime'],
    [[new Uint8Array(2)], 'binary'],
    [[{ a: 1 }, []], 'nested'],
  ] as const)('%o is %s', (values, type) => expect(columnType(values)).toBe(type));
});

describe('formatOf', () => {
  it.each([
    ['a.CSV', 'delimited'],
    ['a.b.tsv', 'delimited'],
    ['a.xlsx', 'excel'],
    ['a.parquet', 'parquet'],
    ['a.ndjson', 'jsonl'],
    ['a.xls', null],
    ['constructor', null],
    ['csv.', null],
  ])('%s is %s', (name, format) => expect(formatOf(name)).toBe(format));
});

describe('delimited text', () => {
  it('finds separator, quotes, header and types', async () => {
    const found = await read(blob('id;name;price\n1;"A; B";1.5\n2;C;2\n'), 'delimited');
    expect(found).toEqual({
      format: 'delimited',
      columns: [
        { name: 'id', type: 'integer' },
        { name: 'name', type: 'text' },
        { name: 'price', type: 'number' },
      ],
      rows: [
        ['1', 'A; B', '1.5'],
        ['2', 'C', '2'],
      ],
      totalRows: null,
      totalColumns: 3,
      more: false,
      sheets: [],
      sheet: 0,
    });
  });

  it('reads the beginning of a large file, and no half row', async () => {
    const found = await read(blob(`a,b\n${'1,2\n'.repeat(500_000)}`), 'delimited');
    expect(found.rows).toHaveLength(MOST_ROWS);
    expect(found.more).toBe(true);
    expect(found.rows.every((row) => row.join() === '1,2')).toBe(true);
  });

  it('reads UTF-16 and old code pages, and names columns that have no name', async () => {
    const utf16 = new Uint8Array(new Uint16Array([0xfeff, ...Array.from('é,\n1,2\n', (c) => c.charCodeAt(0))]).buffer);
    expect((await read(blob(utf16), 'delimited')).columns.map((c) => c.name)).toEqual(['é', '#2']);
    const latin = new Uint8Array([0xe9, 0x2c, 0x62, 0x0a, 0x31, 0x2c, 0x32]);
    expect((await read(blob(latin), 'delimited')).columns[0]?.name).toBe('é');
  });

  it('keeps rows without end and cells without end small', async () => {
    const wide = await read(blob(`${'c,'.repeat(5_000)}c\n${'1,'.repeat(5_000)}1\n`), 'delimited');
    expect([wide.columns.length, wide.totalColumns]).toEqual([MOST_COLUMNS, 5_001]);
    const long = await read(blob(`a\n${'x'.repeat(10_000)}\n`), 'delimited');
    expect(long.rows[0]?.[0]).toHaveLength(201);
  });

  it('says that binary is no text', async () => {
    expect(await refused(read(blob(new Uint8Array([1, 0, 2, 0])), 'delimited'))).toBe('unreadable');
    expect(await refused(read(blob('\n\n'), 'delimited'))).toBe('empty');
  });
});

describe('JSON lines', () => {
  it('takes the keys of all rows, even odd ones', async () => {
    const found = await read(blob('{"a":1,"__proto__":"x"}\n{"b":{"c":[1]},"a":2}\n'), 'jsonl');
    expect(found.columns).toEqual([
      { name: 'a', type: 'integer' },
      { name: '__proto__', type: 'text' },
      { name: 'b', type: 'nested' },
    ]);
    expect(found.rows).toEqual([
      ['1', 'x', null],
      ['2', null, '{"c":[1]}'],
    ]);
  });

  it('says that other text is none', async () => {
    expect(await refused(read(blob('[\n1\n]'), 'jsonl'))).toBe('unreadable');
  });
});

describe('Excel', () => {
  it('reads the first sheet with dates, numbers and missing values', async () => {
    const found = await read(file('orders.xlsx'), 'excel');
    expect(found.sheets).toEqual(['Orders', 'Notes']);
    expect(found.columns.map(({ name, type }) => `${name}:${type}`)).toEqual([
      'order:integer',
      'region:text',
      'amount:number',
      'day:date',
      'paid:boolean',
      'note:text',
    ]);
    expect(found.rows[3]).toEqual(['4', 'South', '5', '2026-01-05', 'true', null]);
    expect([found.rows.length, found.more]).toEqual([20, false]);
  });

  it('reads any other sheet, and says of an empty one that it is empty', async () => {
    const found = await read(
      book('<row><c t="inlineStr"><is><t>a</t></is></c></row><row><c><v>7</v></c></row>'),
      'excel',
      1,
    );
    expect([found.sheet, found.sheets, found.columns[0]?.name, found.rows]).toEqual([1, ['one', 'two'], 'a', [['7']]]);
    const empty = await read(book(''), 'excel', 1);
    expect([empty.columns, empty.rows, empty.sheets]).toEqual([[], [], ['one', 'two']]);
    expect((await read(book(''), 'excel', 7)).rows).toEqual([]);
  });

  it('shows a formula without a value as it is written, and never works one out', async () => {
    const cells =
      '<c><f>1+1</f><v>2</v></c><c><f>WEBSERVICE("http://127.0.0.1/")</f></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c>';
    const found = await read(book(`<row><c><v>1</v></c></row><row>${cells}</row>`), 'excel', 1);
    expect(found.rows).toEqual([['2', '=WEBSERVICE("http://127.0.0.1/")', '#DIV/0!']]);
  });

  it('takes nothing from outside of the workbook, whatever it points at', async () => {
    const outside = archive({
      'xl/workbook.xml': '<workbook><sheets><sheet name="s" r:id="r"/></sheets></workbook>',
      'xl/_rels/workbook.xml.rels':
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Relationships><Relationship Id="r" TargetMode="External" Target="http://127.0.0.1/s.xml"/></Relationships>',
    });
    vi.stubGlobal('fetch', () => expect.unreachable('asked for something'));
    expect(await refused(read(blob(outside), 'excel'))).toBe('empty');
  });

  it('reads no further than its limit, whatever the archive unpacks to', async () => {
    const rows = `<row><c><v>1</v></c></row>`;
    const bomb = archive({
      'xl/workbook.xml': '<workbook><sheets><sheet name="s" r:id="r"/></sheets></workbook>',
      'xl/_rels/workbook.xml.rels': '<Relationships><Relationship Id="r" Target="s.xml"/></Relationships>',
      'xl/s.xml': `<worksheet><sheetData>${rows}${' '.repeat(50_000_000)}${rows}</sheetData></worksheet>`,
    });
    const found = await read(blob(bomb), 'excel');
    expect([found.columns[0]?.name, found.rows.length, found.more]).toEqual(['1', 0, true]);
  });

  it('says that what is no workbook cannot be read', async () => {
    expect(await refused(read(blob('no archive'), 'excel'))).toBe('unreadable');
    expect(await refused(read(blob(archive({ 'a.txt': 'a' })), 'excel'))).toBe('unreadable');
  });
});

describe('Parquet', () => {
  it.each(['snappy', 'zstd', 'gzip'])('reads %s', async (codec) => {
    // The reader asks whether it got an ArrayBuffer, and jsdom's is another one than the Blob's.
    vi.stubGlobal('ArrayBuffer', (await blob('').arrayBuffer()).constructor);
    const found = await read(file(`orders.${codec}.parquet`), 'parquet');
    expect(found.columns.map(({ name, type }) => `${name}:${type}`)).toEqual([
      'order:integer',
      'region:text',
      'amount:number',
      'day:date',
      'paid:boolean',
      'note:text',
    ]);
    expect([found.rows.length, found.totalRows, found.more]).toEqual([MOST_ROWS, 120, true]);
    expect(found.rows[3]).toEqual(['4', 'South', '5', '2026-01-05', 'true', null]);
  });

  it('says that what is none cannot be read', async () => {
    expect(await refused(read(blob('PAR1 not really PAR1'), 'parquet'))).toBe('unreadable');
  });
});

/** A workbook whose second sheet has those rows. */
function book(rows: string): Blob {
  const sheet = (content: string) => `<worksheet><sheetData>${content}</sheetData></worksheet>`;
  return blob(
    archive({
      'xl/workbook.xml':
        '<workbook><sheets><sheet name="one" r:id="a"/><sheet name="two" r:id="b"/></sheets></workbook>',
      'xl/_rels/workbook.xml.rels':
        '<Relationships><Relationship Id="a" Target="1.xml"/><Relationship Id="b" Target="2.xml"/></Relationships>',
      'xl/1.xml': sheet('<row><c><v>1</v></c></row>'),
      'xl/2.xml': sheet(rows),
    }),
  );
}

/** A ZIP archive, written by hand so that it can be a hostile one. */
function archive(entries: Record<string, string>): Uint8Array<ArrayBuffer> {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(entries)) {
    const packed = deflateRawSync(text);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    const head = Buffer.alloc(46);
    head.writeUInt32LE(0x02014b50, 0);
    head.writeUInt16LE(8, 10);
    head.writeUInt32LE(packed.length, 20);
    head.writeUInt16LE(name.length, 28);
    head.writeUInt32LE(offset, 42);
    central.push(head, Buffer.from(name));
    parts.push(local, Buffer.from(name), packed);
    offset += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...parts, directory, end]));
}
