import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useState, type SyntheticEvent } from 'react';

import { Refusal } from '@/components/refusal';
import type { Membership } from '@/lib/session';
import { toast } from '@/lib/toasts';
import { audit } from '@/locales';

import classes from './holds.module.css';
import { usePlaceHold } from './queries';
import { SHORTEST } from './reason';

const t = audit.holds.form;

/** Keep all of a project, or what it has of one person. */
export function HoldForm({ projects, chosen }: { projects: readonly Membership[]; chosen: string | null }) {
  const [project, setProject] = useState(chosen ?? projects[0]?.id ?? '');
  const [subject, setSubject] = useState('');
  const [reason, setReason] = useState('');
  const place = usePlaceHold();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const done = () => {
      toast({ tone: 'good', title: t.placed });
      setSubject('');
      setReason('');
    };
    place.mutate({ project, subject: subject.trim() || null, reason: reason.trim() }, { onSuccess: done });
  };
  return (
    <form className={classes.form} onSubmit={submit} aria-label={t.title}>
      <h3>{t.title}</h3>
      {projects.length > 1 ? (
        <NativeSelect
          label={t.project}
          data={projects.map(({ id, name: label }) => ({ value: id, label }))}
          value={project}
          onChange={(event) => setProject(event.currentTarget.value)}
        />
      ) : null}
      <TextInput
        label={t.subject}
        description={t.subjectHint}
        autoComplete="off"
        value={subject}
        onChange={(event) => setSubject(event.currentTarget.value)}
      />
      <TextInput
        label={t.reason}
        description={t.reasonHint}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {place.error ? <Refusal error={place.error} asked={t.title} /> : null}
      <div>
        <Button
          type="submit"
          leftSection={<IconLock size={16} aria-hidden />}
          loading={place.isPending}
          disabled={reason.trim().length < SHORTEST}
        >
          {t.submit}
        </Button>
      </div>
    </form>
  );
}
