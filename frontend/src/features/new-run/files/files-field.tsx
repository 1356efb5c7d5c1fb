import { Button } from '@mantine/core';
import { IconFolderOpen } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { DropZone, usePastedFiles } from '@/components/drop-zone';
import { bytes } from '@/lib/format';
import { toast } from '@/lib/toasts';
import { newRun } from '@/locales';

import { withFile, withoutFile } from '../draft';
import { quotaQuery } from '../queries';
import { isSame, type DraftState } from '../use-draft';
import { EarlierFiles } from './earlier-files';
import { AttachedRow, SendingRow, UnfinishedRow } from './file-rows';
import classes from './files.module.css';
import { uploads } from './uploads';

const t = newRun.files;

/** Files of the run: given by hand and uploaded at once, or chosen among those that the project has. */
export function FilesField({ state }: { state: DraftState }) {
  const { draft, change, sending, unfinished, dropUnfinished, contents } = state;
  const { project } = draft;
  const [choosing, setChoosing] = useState(false);
  const { data: quota } = useQuery(quotaQuery);
  const add = (files: File[]) => {
    if (!project) {
      toast({ tone: 'wait', title: t.needsProject });
      return;
    }
    const most = quota?.file_max_bytes ?? Infinity;
    for (const { name } of files.filter(({ size }) => size > most)) {
      toast({ tone: 'refusal', title: t.tooLarge({ name, most: bytes(most) }) });
    }
    const fit = files.filter(({ size }) => size <= most);
    for (const file of fit) dropUnfinished(file);
    uploads.add(fit, project);
  };
  usePastedFiles(add);
  const names = [...draft.files.map(({ name }) => name), ...sending.map(({ file }) => file.name)];
  const isTwice = (name: string) => names.indexOf(name) !== names.lastIndexOf(name);
  const waiting = unfinished.filter((one) => !sending.some(({ file }) => isSame(one, file)));
  const some = names.length + waiting.length > 0;
  return (
    <div className={classes.field}>
      {some ? (
        <ul className={classes.list}>
          {draft.files.map((file) => (
            <AttachedRow
              key={file.id}
              file={file}
              content={contents.get(file.id)}
              // A single file is what the person came for; of several, they open what they want to see.
              open={names.length === 1}
              twice={isTwice(file.name)}
              onRemove={() => change(withoutFile(file.id))}
            />
          ))}
          {sending.map((upload) => (
            <SendingRow key={upload.key} upload={upload} twice={isTwice(upload.file.name)} />
          ))}
          {waiting.map((file) => (
            <UnfinishedRow
              key={`${file.name}-${file.size}`}
              file={file}
              onGive={add}
              onRemove={() => dropUnfinished(file)}
            />
          ))}
        </ul>
      ) : null}
      <DropZone
        title={some ? t.dropMore : t.drop}
        hint={some ? undefined : t.hint}
        size={some ? 'sm' : 'md'}
        onFiles={add}
      />
      {project ? (
        <Button
          variant="subtle"
          size="compact-sm"
          className={classes.earlier}
          leftSection={<IconFolderOpen size={15} aria-hidden />}
          onClick={() => setChoosing(true)}
        >
          {t.earlier}
        </Button>
      ) : null}
      {project && choosing ? (
        <EarlierFiles
          project={project}
          chosen={draft.files}
          onClose={() => setChoosing(false)}
          onChoose={(files) => {
            for (const { id, name, size } of files) change(withFile({ id, name, size }));
          }}
        />
      ) : null}
    </div>
  );
}
