import { kindOf, MOST_ROWS, type TableData, type Value } from './model';

/**
 * The table that pandas wrote as HTML, as data. Null for every other HTML: what has cells with markup of their own (a
 * styled table, links) is for the sandboxed frame. Nothing here makes an element: the text is cut at its tags, and of
 * those only names and spans are read.
 */
export function tableOfHtml(html: string): TableData | null {
  if (!/<table[^>]{0,200}\bclass="[^"]{0,100}\bdataframe\b/.test(html.slice(0, 20_000))) return null;
  const reader = new Reader();
  for (const token of tokens(html)) {
    if (!reader.take(token)) return null;
  }
  return reader.table();
}

type Token = { tag: string; end: boolean; attributes: string } | { text: string };

const STYLE = /<\/style\s*>/i;

function* tokens(html: string): Generator<Token> {
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open < 0 || open > at) yield { text: html.slice(at, open < 0 ? html.length : open) };
    if (open < 0) return;
    const close = html.indexOf('>', open);
    if (close < 0) return;
    const inside = html.slice(open + 1, close);
    const end = inside.startsWith('/');
    const tag = /^[a-z][a-z0-9]*/i.exec(end ? inside.slice(1) : inside)?.[0].toLowerCase() ?? '';
    yield { tag, end, attributes: inside };
    at = close + 1;
    if (tag === 'style' && !end) {
      const rest = STYLE.exec(html.slice(at));
      if (!rest) return;
      at += rest.index + rest[0].length;
    }
  }
}

interface HtmlCell {
  text: string;
  heading: boolean;
  columns: number;
  rows: number;
}

const AROUND = new Set(['div', 'table', 'thead', 'tbody', 'tfoot', 'style', 'p', 'tr']);

class Reader {
  private readonly head: HtmlCell[][] = [];
  private readonly body: HtmlCell[][] = [];
  private inHead = false;
  private tables = 0;
  private row: HtmlCell[] | null = null;
  private cell: HtmlCell | null = null;
  private inNote = false;
  private note = '';

  /** False when the text is not what pandas writes. */
  take(token: Token): boolean {
    if ('text' in token) {
      if (this.cell) this.cell.text += token.text;
      else if (this.inNote) this.note += token.text;
      return true;
    }
    const { tag, end, attributes } = token;
    if (tag === 'th' || tag === 'td') return end ? this.endCell() : this.beginCell(tag, attributes);
    if (this.cell) {
      // Line breaks are the only markup that a plain cell may hold.
      if (tag !== 'br') return false;
      this.cell.text += '\n';
      return true;
    }
    if (!AROUND.has(tag)) return false;
    this.around(tag, end);
    return this.tables <= 1;
  }

  table(): TableData | null {
    // A table that was cut in the middle is none.
    if (this.cell || this.row || (!this.body.length && !this.head.length)) return null;
    const head = grid(this.head);
    const body = grid(this.body.slice(0, MOST_ROWS + 1));
    const width = Math.max(...head.map((row) => row.length), body[0]?.length ?? 0);
    const indexes = this.body[0] ? countOf(body[0] ?? []) : 0;
    const names = columnNames(head, width, indexes);
    return cutOut(names, body, indexes, this.note);
  }

  private around(tag: string, end: boolean): void {
    if (tag === 'table' && !end) this.tables += 1;
    if (tag === 'thead') this.inHead = !end;
    if (tag === 'p') this.inNote = !end;
    if (tag !== 'tr') return;
    if (end) this.row = null;
    else {
      this.row = [];
      (this.inHead ? this.head : this.body).push(this.row);
    }
  }

  private beginCell(tag: string, attributes: string): boolean {
    if (!this.row || this.cell) return false;
    this.cell = { text: '', heading: tag === 'th', columns: span(attributes, 'col'), rows: span(attributes, 'row') };
    return true;
  }

  private endCell(): boolean {
    if (!this.row || !this.cell) return false;
    this.cell.text = decoded(this.cell.text);
    this.row.push(this.cell);
    this.cell = null;
    return true;
  }
}

function span(attributes: string, which: 'col' | 'row'): number {
  const found = (which === 'col' ? /\bcolspan="(\d{1,5})"/ : /\browspan="(\d{1,6})"/).exec(attributes);
  return Math.max(1, Number(found?.[1] ?? 1));
}

interface Placed {
  text: string;
  heading: boolean;
}

/** Cells in their places, each as often as it spans. */
function grid(rows: readonly HtmlCell[][]): Placed[][] {
  const made: Placed[][] = [];
  const hanging: { left: number; cell: Placed }[] = [];
  for (const row of rows) {
    const placed: Placed[] = [];
    const hang = () => {
      for (let over = hanging[placed.length]; over && over.left > 0; over = hanging[placed.length]) {
        over.left -= 1;
        placed.push(over.cell);
      }
    };
    for (const { text, heading, columns, rows: down } of row) {
      hang();
      for (let n = 0; n < columns; n += 1) {
        hanging[placed.length] = { left: down - 1, cell: { text, heading } };
        placed.push({ text, heading });
      }
    }
    hang();
    made.push(placed);
  }
  return made;
}

function countOf(row: readonly Placed[]): number {
  const first = row.findIndex((cell) => !cell.heading);
  return first < 0 ? row.length : first;
}

function columnNames(head: readonly Placed[][], width: number, indexes: number): string[] {
  const last = head.at(-1);
  // The names of the index stand in a row of their own, below those of the columns.
  const ofIndex = head.length > 1 && last?.slice(indexes).every((cell) => cell.text === '') ? last : undefined;
  const levels = ofIndex ? head.slice(0, -1) : head;
  return Array.from({ length: width }, (_, at) => {
    if (at < indexes && ofIndex) return ofIndex[at]?.text ?? '';
    const parts = levels.map((row) => row[at]?.text ?? '');
    return parts.filter((part, level) => part !== '' && part !== parts[level - 1]).join(' / ');
  });
}

const DOTS = '...';

/** Without the row and the column of dots that stand for what pandas left out. */
function cutOut(names: string[], body: readonly Placed[][], indexes: number, note: string): TableData {
  const keep = names.flatMap((name, at) =>
    name === DOTS && body.every((row) => row[at]?.text === DOTS) && body.length ? [] : [at],
  );
  const rows = body
    .filter((row) => !(row.length > indexes && row.every((cell) => cell.text === DOTS)))
    .map((row) => keep.map((at): Value => row[at]?.text ?? null));
  const [, totalRows, totalColumns] = /(\d+) rows × (\d+) columns/.exec(note) ?? [];
  const columns = keep.map((from, at) => ({
    name: names[from] ?? '',
    kind: kindOf(sample(rows, at)),
    index: from < indexes,
  }));
  return {
    columns,
    rows,
    totalRows: totalRows ? Number(totalRows) : rows.length,
    totalColumns: totalColumns ? Number(totalColumns) : columns.length - indexes,
  };
}

function* sample(rows: readonly Value[][], at: number): Generator<Value | undefined> {
  for (const row of rows.slice(0, 1_000)) yield row[at];
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/** Text with the few entities that pandas writes, and numeric ones. */
function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
    if (name) return NAMED[String(name).toLowerCase()] ?? whole;
    const point = decimal ? Number(decimal) : parseInt(String(hex), 16);
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
