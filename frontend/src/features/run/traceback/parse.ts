import { stripped } from '../text/ansi';

/** A line of source in a frame; `at` marks the one that was being run. */
export interface SourceLine {
  number: number | null;
  text: string;
  at: boolean;
}

export interface Frame {
  /** The kernel's own count of what it ran, for code of a cell; null for a file. */
  cell: number | null;
  /** The file, for code that is no cell's. */
  file: string | null;
  line: number | null;
  /** What was called: `f(x)`. Empty at the top of a cell. */
  call: string;
  source: SourceLine[];
  /** How often the frame stood there in a row. */
  times: number;
}

/** One exception of a chain, from the outermost frame to the innermost. */
export interface Part {
  /** How it came from the part before: "during handling of …". Empty for the first. */
  because: string;
  frames: Frame[];
  /** `ZeroDivisionError: division by zero`, as it was printed. */
  message: string;
}

export interface Traceback {
  parts: Part[];
  /** As it was printed, without escape sequences. */
  text: string;
}

const RULE = /^-{20,}$/;
const HEADING = '  Traceback (most recent call last)';
const CELL = /^\s*Cell In\s?\[(\d+)\], line (\d+)(?:, in (.*))?$/;
const FILE = /^\s*File (.+?):(\d+)(?:, in (.*))?$/;
const SOURCE = /^(?:-+>\s*(\d+)|\s*(\d+))(?: (.*))?$/;
const CHAIN = /^(?:The above exception was the direct cause|During handling of the above exception)/;
const SKIPPED = /^\s*\[\.\.\. (?:skipping similar frames|repeats)/;

/**
 * A traceback as IPython prints it without colours ("Context" mode), frame by frame. What has another form (SQL, bash,
 * an exception that renders itself) comes as one part without frames.
 */
export function parseTraceback(traceback: readonly string[], ename: string, evalue: string): Traceback {
  const lines = traceback.map(stripped);
  const reader = new Reader();
  for (const element of lines) reader.take(element);
  const parts = reader.finished();
  const text = lines.join('\n');
  if (parts.length === 0) parts.push({ because: '', frames: [], message: [ename, evalue].filter(Boolean).join(': ') });
  return { parts, text };
}

/** Where a failed cell stopped: the line of its own code, and the kernel's count for it. Null when no line is known. */
export function failure(traceback: Traceback): { cell: number; line: number } | null {
  for (const { frames } of traceback.parts.toReversed()) {
    const own = frames.find((frame) => frame.cell !== null && frame.line !== null);
    if (own) return { cell: own.cell ?? 0, line: own.line ?? 0 };
  }
  return null;
}

/** The line of SQL that DuckDB complains about (`LINE 2: …`); null when it names none. */
export function sqlLine(message: string): number | null {
  const found = /^LINE (\d+):/m.exec(message);
  return found ? Number(found[1]) : null;
}

class Reader {
  private readonly parts: Part[] = [];
  private part: Part = begun('');
  private messages: string[] = [];

  take(element: string): void {
    const trimmed = element.trim();
    if (RULE.test(trimmed) || trimmed.endsWith(HEADING)) {
      this.close();
      return;
    }
    if (CHAIN.test(trimmed)) {
      this.close();
      this.part = begun(trimmed);
      return;
    }
    const [first = '', ...rest] = element.replace(/\n$/, '').split('\n');
    const frame = frameOf(first);
    if (!frame) {
      if (!SKIPPED.test(element)) this.messages.push(element.trimEnd());
      return;
    }
    // What is told of a syntax error follows its code in the same element.
    const end = rest.findIndex((line) => line !== '' && !SOURCE.test(line) && !/^\s/.test(line));
    const source = end < 0 ? rest : rest.slice(0, end);
    frame.source = sourceOf(source, frame.line);
    if (end >= 0) this.messages.push(rest.slice(end).join('\n'));
    this.push(frame);
  }

  finished(): Part[] {
    this.close();
    return this.parts;
  }

  private push(frame: Frame): void {
    const last = this.part.frames.at(-1);
    if (last && same(last, frame)) last.times += 1;
    else this.part.frames.push(frame);
  }

  private close(): void {
    const message = this.messages.join('\n').trim();
    this.messages = [];
    if (this.part.frames.length || message) {
      this.parts.push({ ...this.part, message });
      this.part = begun('');
    }
  }
}

function begun(because: string): Part {
  return { because, frames: [], message: '' };
}

function frameOf(line: string): Frame | null {
  const cell = CELL.exec(line);
  const file = cell ? null : FILE.exec(line);
  const found = cell ?? file;
  if (!found) return null;
  const plain = { line: Number(found[2]), call: found[3] ?? '', source: [], times: 1 };
  return cell ? { ...plain, cell: Number(found[1]), file: null } : { ...plain, cell: null, file: found[1] ?? '' };
}

function sourceOf(lines: readonly string[], line: number | null): SourceLine[] {
  const numbered = lines.some((text) => SOURCE.test(text) && /^(?:-+>|\s*\d+\s)/.test(text));
  // A syntax error shows the line as it stands, and a caret below.
  if (!numbered) return dedented(lines).map((text, at) => ({ number: at === 0 ? line : null, text, at: at === 0 }));
  return lines.flatMap((text) => {
    const found = SOURCE.exec(text);
    if (!found) return [];
    return [{ number: Number(found[1] ?? found[2]), text: found[3] ?? '', at: found[1] !== undefined }];
  });
}

function dedented(lines: readonly string[]): string[] {
  const indents = lines.filter((text) => text.trim()).map((text) => /^ */.exec(text)?.[0].length ?? 0);
  const least = Math.min(4, ...indents);
  return lines.map((text) => text.slice(least));
}

function same(a: Frame, b: Frame): boolean {
  return a.cell === b.cell && a.file === b.file && a.line === b.line && a.call === b.call;
}
