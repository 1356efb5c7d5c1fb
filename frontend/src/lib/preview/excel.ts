import { fromColumns, fromHeaded } from './table';
import { MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, PreviewError, type Preview } from './types';
import { walk } from './xml';
import { Zip } from './zip';

const MOST_SHEET_BYTES = 4 * 1024 * 1024;
const MOST_STRING_BYTES = 16 * 1024 * 1024;
const MOST_OTHER_BYTES = 2 * 1024 * 1024;
const ROWS_READ = 2 * MOST_ROWS;
// Stands for a text that lies beyond what is read of them.
const BEYOND = '…';
const DAY_MS = 86_400_000;
// ECMA-376 part 1, 18.8.30: number formats that are dates without being written down in the file.
const BUILT_IN_DATES = new Set([14, 15, 16, 17, 18, 19, 20, 21, 22, 45, 46, 47]);

/**
 * The first rows of one sheet of an Excel workbook (.xlsx, .xlsm): the values that it was saved with. Formulas are text here,
 * and what lies outside of the workbook is not asked for.
 */
export async function excel(file: Blob, sheet: number): Promise<Preview> {
  const zip = await Zip.open(file);
  const workbook = await part(zip, 'xl/workbook.xml');
  if (workbook === null) throw new PreviewError('unreadable');
  const { sheets, since1904 } = readWorkbook(workbook);
  const known = { format: 'excel' as const, sheets: sheets.map(({ name }) => name), sheet };
  const targets = readTargets((await part(zip, 'xl/_rels/workbook.xml.rels')) ?? '');
  const path = targets.get(sheets[sheet]?.id ?? '');
  const content = path === undefined ? null : await zip.text(path, MOST_SHEET_BYTES);
  const strings = await zip.text('xl/sharedStrings.xml', MOST_STRING_BYTES);
  const dates = readDateStyles((await part(zip, 'xl/styles.xml')) ?? '');
  const book = { strings: readStrings(strings?.text ?? ''), beyond: strings?.cut ? BEYOND : null, dates, since1904 };
  const { rows, stopped } = readSheet(content?.text ?? '', book);
  // An empty sheet among others is shown as one: the others have to stay in reach.
  if (!rows.length && sheets.length > 1) return fromColumns([], [], { ...known, more: false });
  return fromHeaded(rows, { ...known, more: stopped || (content?.cut ?? false) });
}

async function part(zip: Zip, name: string): Promise<string | null> {
  const found = await zip.text(name, MOST_OTHER_BYTES);
  return found ? found.text : null;
}

function readWorkbook(xml: string): { sheets: { name: string; id: string }[]; since1904: boolean } {
  const sheets: { name: string; id: string }[] = [];
  let since1904 = false;
  walk(xml, {
    open: (name, attributes) => {
      if (name === 'sheet') sheets.push({ name: attributes.name ?? '', id: relationship(attributes) });
      if (name === 'workbookPr') since1904 = attributes.date1904 === '1' || attributes.date1904 === 'true';
    },
  });
  return { sheets: sheets.slice(0, MOST_SHEETS), since1904 };
}

// The attribute is `r:id` by custom only; any prefix may stand for its namespace.
function relationship(attributes: Record<string, string>): string {
  return Object.entries(attributes).find(([name]) => name.endsWith(':id'))?.[1] ?? '';
}

function readTargets(xml: string): Map<string, string> {
  const targets = new Map<string, string>();
  walk(xml, {
    open: (name, { Id: id, Target: target }) => {
      if (name !== 'Relationship' || id === undefined || target === undefined) return;
      targets.set(id, target.startsWith('/') ? target.slice(1) : `xl/${target}`);
    },
  });
  return targets;
}

function readStrings(xml: string): string[] {
  const strings: string[] = [];
  let text = '';
  let inText = false;
  let phonetic = false;
  walk(xml, {
    open: (name) => {
      if (name === 'si') text = '';
      if (name === 't') inText = true;
      if (name === 'rPh') phonetic = true;
    },
    text: (more) => {
      if (inText && !phonetic) text += more;
    },
    close: (name) => {
      if (name === 't') inText = false;
      if (name === 'rPh') phonetic = false;
      if (name === 'si') strings.push(text);
      return undefined;
    },
  });
  return strings;
}

/** Positions of the cell formats that show a number as a date. */
function readDateStyles(xml: string): Set<number> {
  const written = new Map<number, boolean>();
  const dates = new Set<number>();
  let inFormats = false;
  let position = 0;
  walk(xml, {
    open: (name, attributes) => {
      if (name === 'numFmt') written.set(Number(attributes.numFmtId), isDateFormat(attributes.formatCode ?? ''));
      if (name === 'cellXfs') inFormats = true;
      if (name !== 'xf' || !inFormats) return;
      const format = Number(attributes.numFmtId);
      if (written.get(format) ?? BUILT_IN_DATES.has(format)) dates.add(position);
      position += 1;
    },
    close: (name) => {
      if (name === 'cellXfs') inFormats = false;
      return undefined;
    },
  });
  return dates;
}

function isDateFormat(code: string): boolean {
  // Quoted text, escaped characters, and colours or conditions in brackets are no date parts.
  return /[ymdhs]/i.test(code.replace(/"[^"]*"|\\.|\[[^\]]*\]/g, ''));
}

interface Book {
  strings: readonly string[];
  beyond: string | null;
  dates: ReadonlySet<number>;
  since1904: boolean;
}

function readSheet(xml: string, book: Book): { rows: unknown[][]; stopped: boolean } {
  const rows: unknown[][] = [];
  let row: unknown[] = [];
  let cell: Record<string, string> = {};
  let column = -1;
  let text = '';
  let formula = '';
  let into: 'value' | 'formula' | null = null;
  let stopped = false;
  walk(xml, {
    open: (name, attributes) => {
      if (name === 'row') {
        row = [];
        column = -1;
      } else if (name === 'c') {
        cell = attributes;
        column = columnOf(attributes.r) ?? column + 1;
        text = '';
        formula = '';
      }
      into = name === 'v' || name === 't' ? 'value' : name === 'f' ? 'formula' : null;
    },
    text: (more) => {
      if (into === 'value') text += more;
      if (into === 'formula') formula += more;
    },
    close: (name) => {
      if (name === 'v' || name === 't' || name === 'f') into = null;
      // A formula that was saved without its value is told, and never worked out.
      if (name === 'c' && column < MOST_COLUMNS) {
        row[column] = text === '' && formula ? `=${formula}` : cellValue(cell, text, book);
      }
      if (name !== 'row') return undefined;
      // Holes become cells without a value; rows without any are not shown, as readers leave them out.
      if (row.length) rows.push(Array.from(row));
      stopped = rows.length > ROWS_READ;
      return stopped ? 'stop' : undefined;
    },
  });
  return { rows, stopped };
}

function cellValue(cell: Record<string, string>, text: string, book: Book): unknown {
  if (text === '') return null;
  const type = cell.t ?? 'n';
  if (type === 's') return book.strings[Number(text)] ?? book.beyond;
  if (type === 'b') return text === '1';
  if (type !== 'n') return text;
  const number = Number(text);
  return book.dates.has(Number(cell.s ?? -1)) ? dateOf(number, book.since1904) : number;
}

/** Days since the end of 1899, or since 1904 in workbooks of old Macs. */
function dateOf(days: number, since1904: boolean): Date {
  const begin = since1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
  return new Date(begin + Math.round(days * DAY_MS));
}

/** `C7` is in column 2. */
function columnOf(address: string | undefined): number | null {
  const letters = /^([A-Z]{1,3})\d+$/.exec(address ?? '')?.[1];
  if (!letters) return null;
  return Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
