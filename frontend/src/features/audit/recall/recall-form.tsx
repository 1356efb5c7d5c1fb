import { Button, Radio, TextInput } from '@mantine/core';
import { IconListSearch } from '@tabler/icons-react';
import { useState } from 'react';

import type { Membership } from '@/lib/session';
import { audit } from '@/locales';

import { Choices, Hint, ProjectField, Sheet } from '../sheet';
import classes from './recall.module.css';
import { KINDS, type RecallSearch } from './search';

const t = audit.recall.form;
const ALL = 'all';
const FIELD = 'what';

interface RecallFormProps {
  search: RecallSearch;
  /** The project that is looked at, by the address or by the side bar's switch; null for all. */
  project: string | null;
  projects: readonly Membership[];
  onAsk: (search: RecallSearch) => void;
}

/** What is to be recalled. What the address says otherwise, as after going back, is taken over. */
export function RecallForm({ search, project, projects, onAsk }: RecallFormProps) {
  const said = fields(search, project);
  const [typed, setTyped] = useState(said);
  const [before, setBefore] = useState(said);
  if (JSON.stringify(before) !== JSON.stringify(said)) {
    setBefore(said);
    setTyped(said);
  }
  const { kind } = typed;
  const set = (change: Partial<typeof typed>) => setTyped({ ...typed, ...change });
  const submit = () => {
    const [what, below] = [typed.what.trim(), typed.below.trim()];
    if (!what) return;
    onAsk({
      kind,
      what,
      below: kind === 'package' && below ? below : undefined,
      project: projects.length > 1 ? typed.project : undefined,
    });
  };
  return (
    <Sheet title={t.title} onSubmit={submit} wide>
      <Radio.Group label={t.kind} value={kind} onChange={(chosen) => set({ kind: chosen })}>
        <Choices>
          {KINDS.map((each) => (
            <Radio key={each} size="sm" value={each} label={t.kinds[each].name} />
          ))}
        </Choices>
      </Radio.Group>
      <div className={classes.fields}>
        <TextInput
          name={FIELD}
          label={t.kinds[kind].field}
          description={t.kinds[kind].hint}
          autoComplete="off"
          spellCheck={false}
          value={typed.what}
          onChange={(event) => set({ what: event.currentTarget.value })}
        />
        {kind === 'package' ? (
          <TextInput
            label={t.below}
            description={t.belowHint}
            autoComplete="off"
            spellCheck={false}
            value={typed.below}
            onChange={(event) => set({ below: event.currentTarget.value })}
          />
        ) : null}
        <ProjectField
          label={t.project}
          description={t.projectHint}
          projects={projects}
          all={{ value: ALL, label: t.allProjects }}
          value={typed.project}
          onChange={(chosen) => set({ project: chosen })}
        />
      </div>
      <div className={classes.submit}>
        <Button type="submit" leftSection={<IconListSearch size={16} aria-hidden />} disabled={!typed.what.trim()}>
          {t.submit}
        </Button>
        <Hint>{t.onRecord}</Hint>
      </div>
    </Sheet>
  );
}

/** Where the next question is typed. */
export function focusQuestion() {
  document.querySelector<HTMLElement>(`input[name="${FIELD}"]`)?.focus();
}

function fields({ kind = 'package', what = '', below = '' }: RecallSearch, project: string | null) {
  return { kind, what, below, project: project ?? ALL };
}
