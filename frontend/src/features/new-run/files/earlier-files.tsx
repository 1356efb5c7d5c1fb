import { Button, Checkbox, Modal, TextInput } from '@mantine/core';
import { IconFolderOpen, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Empty, ErrorState, Loading } from '@/components/feedback';
import { RelativeTime } from '@/components/time';
import { rows, type ListedFile } from '@/lib/api';
import { bytes } from '@/lib/format';
import { visibleName } from '@/lib/visible';
import { newRun } from '@/locales';

import type { AttachedFile } from '../draft';
import { filesQuery } from '../queries';
import classes from './files.module.css';

const t = newRun.files.chooser;

interface EarlierFilesProps {
  project: string;
  chosen: readonly AttachedFile[];
  onChoose: (files: ListedFile[]) => void;
  onClose: () => void;
}

/** The files that the project has already, newest first. */
export function EarlierFiles({ project, chosen, onChoose, onClose }: EarlierFilesProps) {
  const query = useInfiniteQuery(filesQuery(project));
  const [words, setWords] = useState('');
  const [picked, setPicked] = useState<readonly ListedFile[]>([]);
  const all = rows(query.data).filter((file) => !chosen.some(({ id }) => id === file.id));
  const found = all.filter(({ name }) => name.toLowerCase().includes(words.toLowerCase().trim()));
  const toggle = (file: ListedFile) =>
    setPicked((old) =>
      old.some(({ id }) => id === file.id) ? old.filter(({ id }) => id !== file.id) : [...old, file],
    );
  return (
    <Modal opened onClose={onClose} title={t.title} size="lg">
      <TextInput
        data-autofocus
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        placeholder={t.search}
        aria-label={t.search}
        leftSection={<IconSearch size={15} aria-hidden />}
      />
      <div className={classes.choices}>
        {query.isPending ? <Loading name={t.title} /> : null}
        {query.isError && !query.data ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
        {query.data && !found.length ? (
          <Empty icon={IconFolderOpen} size="part" title={all.length ? t.noneFound : t.none} />
        ) : null}
        {found.map((file) => (
          <label key={file.id} className={classes.choice} htmlFor={`file-${file.id}`}>
            <Checkbox
              id={`file-${file.id}`}
              checked={picked.some(({ id }) => id === file.id)}
              onChange={() => toggle(file)}
              aria-label={t.select({ name: visibleName(file.name) })}
            />
            <span className={classes.words}>
              <span className={classes.name}>{visibleName(file.name)}</span>
              <span className={classes.note}>
                {`${bytes(file.size)} · ${visibleName(file.owner.name)} · `}
                <RelativeTime at={file.created_at} />
              </span>
            </span>
          </label>
        ))}
        {query.hasNextPage ? (
          <Button
            variant="subtle"
            size="compact-sm"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t.more}
          </Button>
        ) : null}
      </div>
      <div className={classes.end}>
        <Button variant="default" onClick={onClose}>
          {t.cancel}
        </Button>
        <Button
          disabled={!picked.length}
          onClick={() => {
            onChoose([...picked]);
            onClose();
          }}
        >
          {t.add({ n: picked.length })}
        </Button>
      </div>
    </Modal>
  );
}
