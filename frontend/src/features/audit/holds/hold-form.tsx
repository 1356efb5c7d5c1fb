import { Button } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useState } from 'react';

import { Refusal } from '@/components/refusal';
import type { Membership } from '@/lib/session';
import { toast } from '@/lib/toasts';
import { audit } from '@/locales';

import { ProjectField, Sheet } from '../sheet';
import { isReason, ReasonField, TextField } from './fields';
import { usePlaceHold } from './queries';

const t = audit.holds.form;

/** Keep all of a project, or what it has of one person. */
export function HoldForm({ projects, chosen }: { projects: readonly Membership[]; chosen: string | null }) {
  const [project, setProject] = useState(chosen ?? projects[0]?.id ?? '');
  const [subject, setSubject] = useState('');
  const [reason, setReason] = useState('');
  const place = usePlaceHold();
  const submit = () => {
    const done = () => {
      toast({ tone: 'good', title: t.placed });
      setSubject('');
      setReason('');
    };
    place.mutate({ project, subject: subject.trim() || null, reason: reason.trim() }, { onSuccess: done });
  };
  return (
    <Sheet title={t.title} onSubmit={submit}>
      <h3>{t.title}</h3>
      <ProjectField label={t.project} projects={projects} value={project} onChange={setProject} />
      <TextField label={t.subject} description={t.subjectHint} value={subject} onChange={setSubject} />
      <ReasonField value={reason} onChange={setReason} />
      {place.error ? <Refusal error={place.error} asked={t.title} /> : null}
      <div>
        <Button
          type="submit"
          leftSection={<IconLock size={16} aria-hidden />}
          loading={place.isPending}
          disabled={!isReason(reason)}
        >
          {t.submit}
        </Button>
      </div>
    </Sheet>
  );
}
