import type { Completion, CompletionContext, CompletionResult, CompletionSource } from '@codemirror/autocomplete';

import { run } from '@/locales';

import type { Language } from '../states';
import { visibleName } from '@/lib/visible';
import { pythonNames, sqlNames, subscripts } from './names';

const t = run.completion;

/** What the run has shown so far, and from which names are proposed. */
export interface Known {
  cells: readonly { language: Language; code: string }[];
  /** Columns of the tables among its outputs. */
  columns: readonly string[];
  /** Files in the workspace, as code may name them. */
  files: readonly string[];
}

export interface Names {
  variables: string[];
  columns: string[];
  tables: string[];
  files: string[];
}

const MOST = 2_000;
// The run's own names come before the language's.
const OWN = 50;

/** The names of a run: its variables, columns, SQL tables (created, or read from files) and files. */
export function namesOf({ cells, columns, files }: Known): Names {
  const variables = new Set<string>();
  const seen = new Set(columns);
  const tables = new Set<string>();
  for (const { language, code } of cells) {
    if (language === 'python') {
      for (const name of pythonNames(code)) variables.add(name);
      for (const name of subscripts(code)) seen.add(name);
    }
    if (language === 'sql') for (const name of sqlNames(code)) tables.add(name);
  }
  for (const file of files) {
    const stem = /^([^/]+)\.(?:csv|tsv|parquet|json|ndjson|xlsx)$/i.exec(file)?.[1];
    if (stem) tables.add(stem);
  }
  const kept = (names: Iterable<string>) => [...names].filter(usable).slice(0, MOST);
  return { variables: kept(variables), columns: kept(seen), tables: kept(tables), files: kept(files) };
}

/** Proposes the run's own names where they fit: columns after a dot or in brackets, files in quotes, and so on. */
export function completionOf(language: Language, names: () => Names): CompletionSource {
  return (context) => {
    if (language === 'python') return pythonCompletion(context, names());
    if (language === 'sql') return sqlCompletion(context, names());
    return bashCompletion(context, names());
  };
}

function pythonCompletion(context: CompletionContext, names: Names): CompletionResult | null {
  const quoted = context.matchBefore(/["'][^"'\n]*/);
  if (quoted && inText(context, quoted.from)) {
    const bracket = /\[\s*$/.test(before(context, quoted.from));
    const columns = options(names.columns, 'property', t.column);
    const files = options(names.files, 'text', t.file);
    return { from: quoted.from + 1, options: bracket ? columns : [...files, ...columns], validFor: /^[^"'\n]*$/ };
  }
  const attribute = context.matchBefore(/\.\w*/);
  if (attribute) {
    const fitting = names.columns.filter((name) => WORD.test(name));
    return result(attribute.from + 1, options(fitting, 'property', t.column));
  }
  const word = context.matchBefore(/[A-Za-z_]\w*/);
  return word || context.explicit
    ? result(word?.from ?? context.pos, options(names.variables, 'variable', t.variable))
    : null;
}

function sqlCompletion(context: CompletionContext, names: Names): CompletionResult | null {
  const word = context.matchBefore(/"?\w*/);
  if (!word || (word.from === word.to && !context.explicit)) return null;
  const all = [
    ...options(names.tables, 'class', t.table, inSql),
    ...options(names.variables, 'variable', t.frame, inSql),
    ...options(names.columns, 'property', t.column, inSql),
  ];
  return { from: word.from, options: all, validFor: /^"?\w*$/ };
}

function bashCompletion(context: CompletionContext, names: Names): CompletionResult | null {
  const word = context.matchBefore(/[\w./-]+/);
  if (!word && !context.explicit) return null;
  const files = options(names.files, 'text', t.file, (name) =>
    /[^\w./-]/.test(name) ? `'${name.replaceAll("'", "'\\''")}'` : name,
  );
  return { from: word?.from ?? context.pos, options: files, validFor: /^[\w./-]*$/ };
}

const WORD = /^[A-Za-z_]\w*$/;

function result(from: number, found: Completion[]): CompletionResult | null {
  return found.length ? { from, options: found, validFor: /^\w*$/ } : null;
}

function options(
  names: readonly string[],
  type: string,
  detail: string,
  written: (name: string) => string = (name) => name,
): Completion[] {
  return names.map((label) => ({ label, type, detail, apply: written(label), boost: OWN }));
}

function inSql(name: string): string {
  return WORD.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Whether the quote at `from` opens a text: those before it in its line are closed. */
function inText(context: CompletionContext, from: number): boolean {
  const line = before(context, from);
  const quote = context.state.sliceDoc(from, from + 1);
  return line.split(quote).length % 2 === 1;
}

function before(context: CompletionContext, position: number): string {
  const line = context.state.doc.lineAt(position);
  return context.state.sliceDoc(line.from, position);
}

/** Names that turn the direction of text, or hold controls, would deceive in a list. */
function usable(name: string): boolean {
  return name.length > 0 && name.length <= 200 && name === visibleName(name);
}
