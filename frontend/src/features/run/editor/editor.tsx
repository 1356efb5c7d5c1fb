import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, Prec, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { useEffect, useEffectEvent, useImperativeHandle, useRef, type Ref } from 'react';

import type { Execution, Run } from '@/lib/api';
import { styleNonce } from '@/lib/security';
import { run } from '@/locales';

import type { Language } from '../states';
import { completionOf, namesOf, type Names } from './completion';
import { knownOf } from './known';
import { languageExtension } from './language';
import { look } from './look';

const t = run.editor;

/** A line that something is wrong with, and what. */
export interface Mark {
  line: number;
  message: string;
}

export interface EditorHandle {
  focus: () => void;
  /** Replaces what is written; undone like any other change. */
  write: (code: string, mark?: Mark | null) => void;
}

type FindNames = (run: Run, executions: readonly Execution[]) => Names;

const findNames: FindNames = (run, executions) => namesOf(knownOf(run, executions));

interface EditorProps {
  language: Language;
  initial: string;
  /** Asked at each completion, with the way to find names: it may answer what it found before. */
  names: (find: FindNames) => Names;
  onChange: (code: string) => void;
  onRun: () => void;
  onLeave: () => void;
  /** The code before this one, and the one after: -1 and 1. */
  onRecall: (step: -1 | 1) => string | null;
  ref: Ref<EditorHandle>;
}

/** The editor of the next cell. */
export function Editor({ language, initial, names, onChange, onRun, onLeave, onRecall, ref }: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useEffectEvent(onChange);
  const run = useEffectEvent(onRun);
  const leave = useEffectEvent(onLeave);
  const recall = useEffectEvent(onRecall);
  const known = useEffectEvent(() => names(findNames));
  const compartment = useRef(new Compartment());
  const spoken = useRef(language);

  useEffect(() => {
    if (!place.current) return undefined;
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: initial,
        extensions: [
          Prec.highest(keymap.of(keys({ run: () => run(), leave: () => leave(), recall: (step) => recall(step) }))),
          compartment.current.of(inLanguage(spoken.current, () => known())),
          shared,
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
    // What is written lives in the editor from here on.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  useEffect(() => {
    if (spoken.current === language) return;
    spoken.current = language;
    view.current?.dispatch({ effects: compartment.current.reconfigure(inLanguage(language, () => known())) });
  }, [language]);

  useImperativeHandle(ref, () => ({
    focus: () => view.current?.focus(),
    write: (code, mark) => {
      const now = view.current;
      if (now) replace(now, code, mark ?? null);
    },
  }));

  return <div ref={place} />;
}

function inLanguage(language: Language, names: () => Names): Extension {
  // One and the same each time it is asked for: the editor tells sources apart by identity.
  const data = [{ autocomplete: completionOf(language, names) }];
  return [
    languageExtension(language),
    EditorState.languageData.of(() => data),
    EditorView.contentAttributes.of({ 'aria-label': t.label({ language: t.languages[language] }), tabindex: '0' }),
    placeholder(t.placeholder[language]),
    indentUnit.of(language === 'python' ? '    ' : '  '),
  ];
}

const shared: Extension = [
  EditorView.cspNonce.of(styleNonce()),
  lineNumbers(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  highlightSpecialChars(),
  history(),
  drawSelection(),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  autocompletion({ icons: false }),
  highlightSelectionMatches(),
  search({ top: true }),
  lintGutter(),
  EditorState.allowMultipleSelections.of(true),
  syntaxHighlighting(classHighlighter),
  look,
  keymap.of([
    ...closeBracketsKeymap,
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...completionKeymap,
    indentWithTab,
  ]),
];

interface Keys {
  run: () => void;
  leave: () => void;
  recall: (step: -1 | 1) => string | null;
}

function keys({ run, leave, recall }: Keys) {
  const doRun = () => {
    run();
    return true;
  };
  const doRecall = (step: -1 | 1) => (view: EditorView) => {
    const code = recall(step);
    if (code !== null) replace(view, code, null);
    return code !== null;
  };
  return [
    { key: 'Shift-Enter', run: doRun },
    { key: 'Mod-Enter', run: doRun },
    { key: 'Alt-ArrowUp', run: doRecall(-1) },
    { key: 'Alt-ArrowDown', run: doRecall(1) },
    {
      key: 'Escape',
      run: (view: EditorView) => {
        // What is open in the editor is closed first.
        if (view.dom.querySelector('.cm-tooltip-autocomplete, .cm-search')) return false;
        leave();
        return true;
      },
    },
  ];
}

function replace(view: EditorView, code: string, mark: Mark | null): void {
  view.dispatch({
    changes: { from: 0, to: view.state.doc.length, insert: code },
    selection: { anchor: mark ? endOfLine(code, mark.line) : code.length },
    scrollIntoView: true,
  });
  const { doc } = view.state;
  if (!mark || mark.line < 1 || mark.line > doc.lines) {
    view.dispatch(setDiagnostics(view.state, []));
    return;
  }
  const { from, to } = doc.line(mark.line);
  view.dispatch(setDiagnostics(view.state, [{ from, to, severity: 'error', message: mark.message }]));
}

function endOfLine(code: string, line: number): number {
  return code.split('\n').slice(0, line).join('\n').length;
}
