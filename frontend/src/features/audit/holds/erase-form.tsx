import { Button, TextInput } from '@mantine/core';
import { IconEraser } from '@tabler/icons-react';
import { useState, type SyntheticEvent } from 'react';

import { Refusal } from '@/components/refusal';
import { toast } from '@/lib/toasts';
import { audit } from '@/locales';

import classes from './holds.module.css';
import { useErase } from './queries';
import { SHORTEST } from './reason';

const t = audit.holds.erase;

/** Erase a person for good: named, explained, and named again. */
export function EraseForm() {
  const [subject, setSubject] = useState('');
  const [reason, setReason] = useState('');
  const [again, setAgain] = useState('');
  const erase = useErase();
  const named = subject.trim();
  const ready = named !== '' && again.trim() === named && reason.trim().length >= SHORTEST;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!ready) return;
    const done = () => {
      toast({ tone: 'good', title: t.done });
      setSubject('');
      setReason('');
      setAgain('');
    };
    erase.mutate({ subject: named, reason: reason.trim() }, { onSuccess: done });
  };
  return (
    <form className={classes.form} onSubmit={submit} aria-label={t.title} data-tone="bad">
      <h3>{t.title}</h3>
      <div className={classes.consequences}>
        <div>
          <h4>{t.goes}</h4>
          <ul>
            {t.goesList.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
        <div>
          <h4>{t.stays}</h4>
          <ul>
            {t.staysList.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
      </div>
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
      <TextInput
        label={t.again}
        description={t.againHint}
        autoComplete="off"
        value={again}
        onChange={(event) => setAgain(event.currentTarget.value)}
        error={again.trim() && !named.startsWith(again.trim()) ? t.differs : undefined}
      />
      {erase.error ? <Refusal error={erase.error} asked={t.title} /> : null}
      <div>
        <Button
          type="submit"
          color="red"
          leftSection={<IconEraser size={16} aria-hidden />}
          loading={erase.isPending}
          disabled={!ready}
        >
          {t.submit}
        </Button>
      </div>
    </form>
  );
}
