import { ActionIcon, Tooltip, UnstyledButton, VisuallyHidden } from '@mantine/core';
import {
  IconDownload,
  IconFile,
  IconFileSpreadsheet,
  IconFileText,
  IconFileTypePdf,
  IconJson,
  IconPhoto,
  type Icon,
} from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { Refusal } from '@/components/refusal';
import type { Artifact } from '@/lib/api';
import { bytes } from '@/lib/format';
import { run } from '@/locales';

import { artifactAddress } from '../queries';
import { download } from '@/lib/save';
import { visibleName } from '@/lib/visible';
import classes from './artifacts.module.css';
import { kindOf, type ArtifactKind } from './kinds';

const t = run.artifacts;
const Preview = lazy(async () => ({ default: (await import('./preview')).Preview }));

const ICONS: Record<ArtifactKind, Icon> = {
  table: IconFileSpreadsheet,
  image: IconPhoto,
  pdf: IconFileTypePdf,
  json: IconJson,
  text: IconFileText,
  other: IconFile,
};

/** A file that a cell left: its name, size and type, a preview, a download. */
export function ArtifactRow({ runId, artifact }: { runId: string; artifact: Artifact }) {
  const [open, setOpen] = useState(false);
  const [everOpen, setEverOpen] = useState(false);
  const save = useMutation({ mutationFn: () => download(artifactAddress(runId, artifact.name), artifact.name) });
  const kind = kindOf(artifact);
  const Icon = ICONS[kind];
  const name = visibleName(artifact.name);
  const show = () => {
    setOpen(true);
    setEverOpen(true);
  };
  return (
    <div className={classes.item}>
      <div className={classes.row}>
        <UnstyledButton className={classes.main} onClick={show}>
          <VisuallyHidden>{t.preview}</VisuallyHidden>{' '}
          <Icon size={16} stroke={1.75} className={classes.icon} aria-hidden />
          <bdi className={classes.name} title={name}>
            {name}
          </bdi>
          <span className={classes.size}>{bytes(artifact.size)}</span>
        </UnstyledButton>
        <Tooltip label={t.download}>
          <ActionIcon
            size="sm"
            aria-label={t.downloadNamed({ name })}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            <IconDownload size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      {save.isError ? (
        <Refusal error={save.error} asked={t.downloadAsked({ name })} onRetry={() => save.mutate()} />
      ) : null}
      {everOpen ? (
        <Suspense>
          <Preview runId={runId} artifact={artifact} opened={open} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </div>
  );
}
