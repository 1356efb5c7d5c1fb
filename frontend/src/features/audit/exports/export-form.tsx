import { Button, Checkbox, NativeSelect, NumberInput, Radio, TextInput } from '@mantine/core';
import { IconPackageExport } from '@tabler/icons-react';
import { useState, type SyntheticEvent } from 'react';

import { momentsOf } from '@/components/filters';
import { Refusal } from '@/components/refusal';
import type { ExportRequestRequest } from '@/lib/api';
import type { Membership } from '@/lib/session';
import { toast } from '@/lib/toasts';
import { audit } from '@/locales';

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
  const [views, setViews] = useState<readonly string[]>(VIEWS);
  const [blobs, setBlobs] = useState(false);
  const ask = useAskForExport();
  if (!projects.length) return null;
  const name = projects.find(({ id }) => id === project)?.name ?? '';
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const some = { from: Number(first) || 0, to: last === '' ? null : Number(last) + 1 };
    ask.mutate(
      {
        project,
        ...(whole === 'range' ? some : { from: 0, to: null }),
        filter: momentsOf(days, 0),
        views: VIEWS.filter((view) => views.includes(view)),
        blobs,
      },
      { onSuccess: () => toast({ tone: 'good', title: t.asked }) },
    );
  };
  return (
    <form className={classes.form} onSubmit={submit} aria-label={t.title}>
      {projects.length > 1 ? (
        <NativeSelect
          label={t.project}
          data={projects.map(({ id, name: label }) => ({ value: id, label }))}
          value={project}
          onChange={(event) => setProject(event.currentTarget.value)}
        />
      ) : null}
      <Radio.Group label={t.range} value={whole} onChange={setWhole}>
        <div className={classes.choices}>
          <Radio size="sm" value="all" label={t.all} />
          <Radio size="sm" value="range" label={t.some} />
        </div>
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
      <Checkbox.Group label={t.views} value={[...views]} onChange={setViews}>
        <div className={classes.choices}>
          {VIEWS.map((view) => (
            <Checkbox key={view} size="sm" value={view} label={t.viewNames[view]} />
          ))}
        </div>
      </Checkbox.Group>
      <Checkbox
        size="sm"
        label={t.blobs}
        description={t.blobsHint}
        checked={blobs}
        onChange={(event) => setBlobs(event.currentTarget.checked)}
      />
      <p className={classes.hint}>{t.hint}</p>
      {ask.error ? <Refusal error={ask.error} asked={t.what({ project: name })} /> : null}
      <div>
        <Button type="submit" leftSection={<IconPackageExport size={16} aria-hidden />} loading={ask.isPending}>
          {t.submit}
        </Button>
      </div>
    </form>
  );
}
