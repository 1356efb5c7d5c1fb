import { Button } from '@mantine/core';
import { IconEraser } from '@tabler/icons-react';
import { useState } from 'react';

import { Refusal } from '@/components/refusal';
import { toast } from '@/lib/toasts';
import { audit } from '@/locales';

import { Sheet } from '../sheet';
import { isReason, ReasonField, TextField } from './fields';
import classes from './holds.module.css';
import { useErase } from './queries';

const t = audit.holds.erase;

/** Erase a person for good: named, explained, and named again. */
export function EraseForm() {
  const [subject, setSubject] = useState('');
  const [reason, setReason] = useState('');
  const [again, setAgain] = useState('');
  const erase = useErase();
  const named = subject.trim();
  const ready = named !== '' && again.trim() === named && isReason(reason);
  const submit = () => {
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
    <Sheet title={t.title} onSubmit={submit} tone="bad">
      <h3>{t.title}</h3>
      <div className={classes.consequences}>
        <Consequences title={t.goes} lines={t.goesList} />
        <Consequences title={t.stays} lines={t.staysList} />
      </div>
      <TextField label={t.subject} description={t.subjectHint} value={subject} onChange={setSubject} />
      <ReasonField value={reason} onChange={setReason} />
      <TextField
        label={t.again}
        description={t.againHint}
        value={again}
        onChange={setAgain}
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
    </Sheet>
  );
}

function Consequences({ title, lines }: { title: string; lines: readonly string[] }) {
  return (
    <div>
      <h4>{title}</h4>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  );
}
