import { Button, Select, Textarea, UnstyledButton } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, type ReactNode } from 'react';

import { Keys } from '@/components/keys';
import type { NextStep } from '@/components/refusal';
import type { Reason } from '@/lib/api';
import { useCommands } from '@/lib/commands';
import type { Membership } from '@/lib/session';
import { toast } from '@/lib/toasts';
import { newRun as t } from '@/locales';

import { AnswerPanel } from './answer/answer-panel';
import { useAnswer } from './answer/use-answer';
import type { Draft } from './draft';
import { EnvironmentField } from './environment/environment-field';
import { FilesField } from './files/files-field';
import { uploads } from './files/uploads';
import classes from './form.module.css';
import { LimitsField } from './limits/limits-field';
import { PackagesField } from './packages/packages-field';
import { environmentsQuery, limitsQuery } from './queries';
import { stepFor } from './steps';
import { useDraft, type DraftState } from './use-draft';
import { useSubmit } from './use-submit';

interface NewRunFormProps {
  begin: { draft: Draft | null; project: string | null; from: string | null };
  projects: readonly Membership[];
  /** Files that the page before this one took. */
  files: readonly File[];
}

export function NewRunForm({ begin, projects, files }: NewRunFormProps) {
  const state = useDraft(begin);
  const { draft, sending, discard } = state;
  const answer = useAnswer(draft);
  const submit = useSubmit(discard);
  const fields = useRef<HTMLDivElement>(null);
  const focusField = (name: string) => {
    fields.current?.querySelector<HTMLElement>(`[data-part="${name}"] :is(textarea, input, button)`)?.focus();
  };
  useGivenFiles(files, draft.project);

  const ready = answer.request !== null && !sending.length;
  const start = () => {
    if (!answer.request) focusField('about');
    else if (ready && !submit.isPending) submit.mutate(answer.request);
  };
  useCommands([
    { id: 'new-run:start', title: t.submit.command, section: t.submit.section, keys: 'mod+enter', run: start },
  ]);

  const steps = useSteps(state, focusField, submit.reset);
  const project = projects.find(({ id }) => id === draft.project);
  const outcome = answer.data?.outcome;
  return (
    <div className={classes.columns}>
      <div className={classes.fields} ref={fields}>
        <Part name="about" title={t.sections.about}>
          <About state={state} projects={projects} />
        </Part>
        <Part name="files" title={t.sections.files}>
          <FilesField state={state} />
        </Part>
        <Part name="environment" title={t.sections.environment}>
          <EnvironmentField value={draft.environment} change={state.change} />
        </Part>
        <Part name="packages" title={t.sections.packages}>
          <PackagesField draft={draft} projectName={project?.name ?? ''} change={state.change} />
        </Part>
        <Part name="limits" title={t.sections.limits} lead={t.limits.lead}>
          <LimitsField draft={draft} change={state.change} />
        </Part>
      </div>
      <div className={classes.side}>
        <AnswerPanel
          draft={draft}
          answer={answer}
          refused={submit.error}
          asked={t.answer.asked({ environment: draft.environment, project: project?.name ?? '' })}
          limits={steps.limits}
          stepFor={steps.stepFor}
        >
          <Button
            size="md"
            fullWidth
            // Policy's no is no rule of the page: it can be asked for all the same, and refuses by itself.
            variant={outcome === 'deny' || !ready ? 'default' : 'filled'}
            loading={submit.isPending}
            disabled={!ready}
            onClick={start}
          >
            {outcome === 'review' ? t.submit.review : t.submit.start}
          </Button>
          <p className={classes.hint}>
            {sending.length ? (
              t.submit.uploading({ n: sending.length })
            ) : (
              <>
                <Keys keys="mod+enter" /> {t.submit.hint}
              </>
            )}
          </p>
        </AnswerPanel>
      </div>
    </div>
  );
}

/** Uploads what the page before this one took, once there is a project that it can belong to. */
function useGivenFiles(files: readonly File[], project: string | null) {
  const given = useRef(false);
  const send = useEffectEvent((to: string) => {
    if (given.current || !files.length) return;
    given.current = true;
    uploads.add(files, to);
  });
  useEffect(() => {
    if (project) send(project);
  }, [project]);
}

/** The button of each reason: a change of the form, or the way to a field. */
function useSteps(state: DraftState, focusField: (name: string) => void, forgetRefusal: () => void) {
  const { data: limits = [] } = useQuery(limitsQuery);
  const { data: environments = [] } = useQuery(environmentsQuery);
  const { draft, change } = state;
  const nextStep = (reason: Reason): NextStep | null => {
    const step = stepFor(reason, { draft, limits, environments: environments.map(({ name }) => name) });
    if (!step) return null;
    const run = () => {
      if (step.change) {
        change(step.change);
        forgetRefusal();
      } else {
        focusField(step.field === 'environment' ? 'environment' : 'about');
      }
    };
    return { label: step.label, run };
  };
  return { limits, stepFor: nextStep };
}

function About({ state, projects }: { state: DraftState; projects: readonly Membership[] }) {
  const { draft, change, sending, contents } = state;
  const choose = (project: string | null) => {
    if (project === draft.project) return;
    // A file belongs to a project: what is at hand goes to the other one too.
    const given = [...sending.map(({ file }) => file), ...contents.values()];
    if (draft.files.length > contents.size) toast({ tone: 'wait', title: t.files.moved });
    uploads.clear();
    change((old) => ({ ...old, project, files: [] }));
    if (project) uploads.add(given, project);
  };
  return (
    <div className={classes.about}>
      {projects.length > 1 ? (
        <Select
          label={t.project}
          placeholder={t.projectPlaceholder}
          searchable={projects.length > 7}
          allowDeselect={false}
          data={projects.map(({ id, name }) => ({ value: id, label: name }))}
          value={draft.project}
          onChange={choose}
        />
      ) : null}
      <Textarea
        label={t.purpose}
        description={t.purposeHint}
        placeholder={t.purposePlaceholder}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={1000}
        required
        withAsterisk={false}
        value={draft.purpose}
        onChange={(event) => {
          const purpose = event.currentTarget.value;
          change((old) => ({ ...old, purpose }));
        }}
      />
      {draft.connectors.length ? (
        <div className={classes.connectors}>
          <span className={classes.label}>{t.connectors}</span>
          {draft.connectors.map((name) => (
            <UnstyledButton
              key={name}
              className={classes.connector}
              aria-label={t.removeNamed({ name })}
              onClick={() => change((old) => ({ ...old, connectors: old.connectors.filter((each) => each !== name) }))}
            >
              {name} <IconX size={13} aria-hidden />
            </UnstyledButton>
          ))}
        </div>
      ) : null}
    </div>
  );
}

function Part(props: { name: string; title: string; lead?: string; children: ReactNode }) {
  const { name, title, lead, children } = props;
  return (
    <section className={classes.part} data-part={name} aria-label={title}>
      <h2 className={classes.title}>{title}</h2>
      {lead ? <p className={classes.lead}>{lead}</p> : null}
      {children}
    </section>
  );
}
