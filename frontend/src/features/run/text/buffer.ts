import { pieces, PLAIN, restyled, type Style } from './ansi';

export interface Span {
  text: string;
  style: Style;
}

/** One line of what was printed; a new object whenever it changes, so that it can be compared. */
export type Line = readonly Span[];

// eslint-disable-next-line no-control-regex -- what a terminal acts upon
const SIMPLE = /^[^\u001b\r\b]*$/;
const ERROR: Style = { error: true };

/**
 * Printed text as a terminal would show it, line by line: carriage returns and backspaces overwrite, escape sequences
 * colour or vanish. Takes text piece by piece, at a cost that does not depend on how much is there already.
 */
export class TextBuffer {
  readonly lines: Line[] = [[]];
  /** Characters that were taken in, as they came. */
  size = 0;
  private raw: string[] = [];
  private pending = '';
  private style: Style = PLAIN;
  /** Where the next character goes in the last line. */
  private column = 0;
  private width = 0;

  append(text: string, error = false): void {
    this.raw.push(text);
    this.size += text.length;
    const plain = this.pending === '' && SIMPLE.test(text) && this.column === this.width;
    this.style = withError(this.style, error);
    if (plain) {
      this.appendPlain(text);
      return;
    }
    const { pieces: found, rest } = pieces(this.pending + text);
    this.pending = rest;
    for (const one of found) {
      if (one.kind === 'text') this.write(one.text);
      else if (one.kind === 'style') this.style = restyled(this.style, one.codes);
      else this.move(one.kind);
    }
  }

  /** All of it as it came. */
  get text(): string {
    if (this.raw.length > 1) this.raw = [this.raw.join('')];
    return this.raw[0] ?? '';
  }

  /** How many lines there are to show: a line feed at the end begins none. */
  get count(): number {
    return this.width === 0 && this.lines.at(-1)?.length === 0 ? this.lines.length - 1 : this.lines.length;
  }

  private appendPlain(text: string): void {
    const [first = '', ...others] = text.split('\n');
    if (first) this.write(first);
    for (const other of others) {
      this.lines.push(other ? [{ text: other, style: this.style }] : []);
      this.column = this.width = other.length;
    }
  }

  private write(text: string): void {
    const line = this.lines.at(-1) ?? [];
    const end = this.column + text.length;
    const made: Line =
      this.column === this.width
        ? joined(line, { text, style: this.style })
        : [...slice(line, 0, this.column), { text, style: this.style }, ...slice(line, end, this.width)];
    this.lines[this.lines.length - 1] = made;
    this.column = end;
    this.width = Math.max(this.width, end);
  }

  private move(kind: 'line' | 'return' | 'back' | 'erase-right' | 'erase-line'): void {
    switch (kind) {
      case 'line':
        this.lines.push([]);
        this.column = this.width = 0;
        break;
      case 'return':
        this.column = 0;
        break;
      case 'back':
        this.column = Math.max(0, this.column - 1);
        break;
      case 'erase-right':
        this.lines[this.lines.length - 1] = slice(this.lines.at(-1) ?? [], 0, this.column);
        this.width = this.column;
        break;
      case 'erase-line':
        this.lines[this.lines.length - 1] = [];
        this.column = this.width = 0;
        break;
    }
  }
}

function withError(style: Style, error: boolean): Style {
  if (Boolean(style.error) === error) return style;
  if (style === PLAIN && error) return ERROR;
  if (!error) {
    const rest: { -readonly [Key in keyof Style]: Style[Key] } = { ...style };
    delete rest.error;
    return Object.keys(rest).length ? rest : PLAIN;
  }
  return { ...style, error: true };
}

function joined(line: Line, span: Span): Line {
  const last = line.at(-1);
  if (last?.style !== span.style) return [...line, span];
  return [...line.slice(0, -1), { text: last.text + span.text, style: last.style }];
}

function slice(line: Line, from: number, to: number): Span[] {
  const kept: Span[] = [];
  let at = 0;
  for (const { text, style } of line) {
    const part = text.slice(Math.max(0, from - at), Math.max(0, to - at));
    if (part) kept.push({ text: part, style });
    at += text.length;
  }
  return kept;
}
