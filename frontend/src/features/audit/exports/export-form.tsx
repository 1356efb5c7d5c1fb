import { Button, Checkbox, Input, NumberInput, Radio, TextInput } from '@mantine/core';
import { IconPackageExport } from '@tabler/icons-react';
import { useState } from 'react';

import { momentsOf } from '@/components/filters';
import { Refusal } from '@/components/refusal';
import type { EventEnum, ExportRequestRequest } from '@/lib/api';
import type { Membership } from '@/lib/session';
import { toast } from '@/lib/toasts';
import { audit } from '@/locales';

import { EventPicker } from '../event-picker';
import { eventWords } from '../events';
import { Choices, Hint, ProjectField, Sheet } from '../sheet';
import classes from './exports.module.css';
import { useAskForExport } from './queries';

const t = audit.exports.form;

type Whole = 'all' | 'range';

const VIEWS: readonly ExportRequestRequest['views'][number][] = ['html', 'csv', 'ocsf'];

interface ExportFormProps {
  projects: readonly Membership[];
  /** The project of the side bar. */
  chosen: Membership | null;
}

/** Which part of a log is to leave. */
export function ExportForm({ projects, chosen }: ExportFormProps) {
  const [project, setProject] = useState(chosen?.id ?? projects[0]?.id ?? '');
  const [whole, setWhole] = useState<Whole>('all');
  const [first, setFirst] = useState<number | string>(0);
  const [last, setLast] = useState<number | string>('');
  const [days, setDays] = useState({ since: '', until: '' });
  const [events, setEvents] = useState<readonly EventEnum[]>([]);
  const [views, setViews] = useState<readonly string[]>(VIEWS);
  const [blobs, setBlobs] = useState(false);
  const ask = useAskForExport();
  if (!projects.length) return null;
  const name = projects.find(({ id }) => id === project)?.name ?? '';
  const submit = () => {
    const some = { from: Number(first) || 0, to: last === '' ? null : Number(last) + 1 };
    ask.mutate(
      {
        project,
        ...(whole === 'range' ? some : { from: 0, to: null }),
        filter: { ...momentsOf(days, 0), ...(events.length ? { events: [...events] } : {}) },
        views: VIEWS.filter((view) => views.includes(view)),
        blobs,
      },
      { onSuccess: () => toast({ tone: 'good', title: t.asked }) },
    );
  };
  return (
    <Sheet title={t.title} onSubmit={submit}>
      <ProjectField label={t.project} projects={projects} value={project} onChange={setProject} />
      <Radio.Group label={t.range} value={whole} onChange={setWhole}>
        <Choices>
          <Radio size="sm" value="all" label={t.all} />
          <Radio size="sm" value="range" label={t.some} />
        </Choices>
      </Radio.Group>
      {whole === 'range' ? (
        <div className={classes.range}>
          <NumberInput label={t.first} value={first} onChange={setFirst} min={0} allowDecimal={false} hideControls />
          <NumberInput
            label={t.last}
            value={last}
            onChange={setLast}
            min={0}
            allowDecimal={false}
            hideControls
            placeholder={t.newest}
          />
        </div>
      ) : null}
      <div className={classes.range}>
        {(['since', 'until'] as const).map((which) => (
          <TextInput
            key={which}
            type="date"
            label={t[which]}
            value={days[which]}
            onChange={(event) => setDays({ ...days, [which]: event.currentTarget.value })}
          />
        ))}
      </div>
      <Input.Wrapper label={t.events} description={t.eventsHint} labelElement="div">
        <div className={classes.events} role="group" aria-label={t.events}>
          <EventPicker many name={audit.filters.event} chosen={events} onChoose={setEvents} />
          {events.length > 1 ? <Hint>{events.map(eventWords).join(', ')}</Hint> : null}
        </div>
      </Input.Wrapper>
      <Checkbox.Group label={t.views} value={[...views]} onChange={setViews}>
        <Choices>
          {VIEWS.map((view) => (
            <Checkbox key={view} size="sm" value={view} label={t.viewNames[view]} />
          ))}
        </Choices>
      </Checkbox.Group>
      <Checkbox
        size="sm"
        label={t.blobs}
        description={t.blobsHint}
        checked={blobs}
        onChange={(event) => setBlobs(event.currentTarget.checked)}
      />
      <Hint>{t.hint}</Hint>
      {ask.error ? <Refusal error={ask.error} asked={t.what({ project: name })} /> : null}
      <div>
        <Button type="submit" leftSection={<IconPackageExport size={16} aria-hidden />} loading={ask.isPending}>
          {t.submit}
        </Button>
      </div>
    </Sheet>
  );
}
