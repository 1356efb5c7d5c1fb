import { Button, SegmentedControl } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { lazy, Suspense, useEffect, useImperativeHandle, useRef, useState, type Ref } from 'react';

import { Keys } from '@/components/keys';
import { Refusal } from '@/components/refusal';
import type { Run } from '@/lib/api';
import { run as t } from '@/locales';

import codeClasses from '../editor/code.module.css';
import type { EditorHandle, Mark } from '../editor/editor';
import { executionQuery, newCell, useAddCell, type NewCell } from '../queries';
import { LANGUAGES, languageOf, type Language } from '../states';
import classes from './cell.module.css';
import { keepDraft, keptDraft } from './draft';
import { useNames } from './use-names';

const Editor = lazy(async () => ({ default: (await import('../editor/editor')).Editor }));

export interface ComposerHandle {
  focus: () => void;
  run: () => void;
  write: (code: string, language: Language, mark: Mark | null) => void;
}

interface ComposerProps {
  run: Run;
  /** The number that the next cell will have. */
  next: number;
  onAdded: (number: number) => void;
  onLeave: () => void;
  ref: Ref<ComposerHandle>;
}

/** Where the next cell is written. What is written here outlives a reload of the page. */
export function Composer({ run, next, onAdded, onLeave, ref }: ComposerProps) {
  const client = useQueryClient();
  const [kept] = useState(() => keptDraft(run.id));
  const [language, setLanguage] = useState<Language>(kept.language);
  const editor = useRef<EditorHandle>(null);
  const section = useRef<HTMLElement>(null);
  const code = useRef(kept.code);
  const [empty, setEmpty] = useState(!kept.code.trim());
  const recalled = useRef<number | null>(null);
  const asked = useRef<NewCell>(null);
  const add = useAddCell(run.id);
  const names = useNames(run);

  const changed = (now: string) => {
    code.current = now;
    setEmpty(!now.trim());
    keepDraft(run.id, { language, code: now });
  };
  const submit = () => {
    const sent = code.current;
    if (!sent.trim() || add.isPending) return;
    // Without an answer nobody knows whether it was taken: sent again, it is the same cell.
    const same = asked.current?.code === sent && asked.current.language === language;
    const cell = same && asked.current ? asked.current : newCell(language, sent);
    asked.current = cell;
    add.mutate(cell, {
      onSuccess: ({ number }) => {
        recalled.current = null;
        asked.current = null;
        // What was written meanwhile is the next cell already.
        if (code.current === sent) editor.current?.write('');
        onAdded(number);
      },
    });
  };
  const recall = (step: -1 | 1): string | null => {
    const numbers = run.executions.map((one) => one.number);
    const at = recalled.current === null ? numbers.length : numbers.indexOf(recalled.current);
    const number = numbers[at + step];
    if (number === undefined) return null;
    const found = client.getQueryData(executionQuery(run.id, number).queryKey);
    if (!found?.code) return null;
    recalled.current = number;
    setLanguage(languageOf(found.language));
    return found.code;
  };

  useImperativeHandle(ref, () => ({
    focus: () => editor.current?.focus(),
    run: submit,
    write: (text, inLanguage, mark) => {
      setLanguage(inLanguage);
      editor.current?.write(text, mark);
      editor.current?.focus();
      section.current?.scrollIntoView({ block: 'nearest' });
    },
  }));
  useEffect(() => keepDraft(run.id, { language, code: code.current }), [run.id, language]);

  return (
    <section ref={section} className={clsx(classes.cell, classes.composer)} aria-label={t.composer.label} data-composer>
      <header className={classes.head}>
        <span className={classes.number}>{t.cell.number({ number: next })}</span>
        <SegmentedControl
          size="xs"
          aria-label={t.composer.language}
          value={language}
          onChange={(value) => setLanguage(languageOf(value))}
          data={LANGUAGES.map((value) => ({ value, label: t.editor.languages[value] }))}
        />
        <span className={classes.space} />
        <span className={classes.hint} aria-hidden>
          <Keys keys="shift+enter" />
        </span>
        <Button
          size="compact-sm"
          leftSection={<IconPlayerPlay size={14} aria-hidden />}
          loading={add.isPending}
          disabled={empty}
          onClick={submit}
        >
          {t.composer.run}
        </Button>
      </header>
      <div className={codeClasses.coloured}>
        <Suspense fallback={<div className={codeClasses.waiting} aria-busy />}>
          <Editor
            ref={editor}
            language={language}
            initial={kept.code}
            names={names}
            onChange={changed}
            onRun={submit}
            onLeave={onLeave}
            onRecall={recall}
          />
        </Suspense>
      </div>
      {add.isError ? (
        <div className={classes.part}>
          <Refusal
            error={add.error}
            asked={t.composer.asked({ language: t.editor.languages[language] })}
            onRetry={submit}
          />
        </div>
      ) : null}
    </section>
  );
}
