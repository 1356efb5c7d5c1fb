import { python } from '@codemirror/lang-python';
import { PostgreSQL, sql } from '@codemirror/lang-sql';
import { StreamLanguage, type Language as Grammar, type LanguageSupport } from '@codemirror/language';
import { shell } from '@codemirror/legacy-modes/mode/shell';
import type { Extension } from '@codemirror/state';
import { classHighlighter, highlightTree } from '@lezer/highlight';

import type { Language } from '../states';

const bash = StreamLanguage.define(shell);
const pythonSupport: LanguageSupport = python();
const sqlSupport: LanguageSupport = sql({ dialect: PostgreSQL, upperCaseKeywords: false });

export function languageExtension(language: Language): Extension {
  return { python: pythonSupport, sql: sqlSupport, bash }[language];
}

export function parserOf(language: Language): Grammar['parser'] {
  return { python: pythonSupport.language.parser, sql: sqlSupport.language.parser, bash: bash.parser }[language];
}

export interface Token {
  text: string;
  /** Names of CSS classes; empty for plain text. */
  style: string;
}

// Colouring more than this would make the page wait.
const MOST_CHARACTERS = 200_000;

/** Code as lines of coloured pieces. */
export function coloured(code: string, language: Language): Token[][] {
  if (code.length > MOST_CHARACTERS) return code.split('\n').map((text) => [{ text, style: '' }]);
  const lines: Token[][] = [[]];
  const put = (text: string, style: string) => {
    text.split('\n').forEach((part, at) => {
      if (at > 0) lines.push([]);
      if (part) lines.at(-1)?.push({ text: part, style });
    });
  };
  let done = 0;
  highlightTree(parserOf(language).parse(code), classHighlighter, (from, to, style) => {
    if (from > done) put(code.slice(done, from), '');
    put(code.slice(from, to), style);
    done = to;
  });
  put(code.slice(done), '');
  return lines;
}
