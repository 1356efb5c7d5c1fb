import { ActionIcon, Button, Progress, Tooltip } from '@mantine/core';
import {
  IconChevronRight,
  IconFile,
  IconFileTypeCsv,
  IconFileTypeXls,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconTable,
  IconX,
  type Icon,
} from '@tabler/icons-react';
import { useId, useRef, useState, type ReactNode } from 'react';

import { Refusal } from '@/components/refusal';
import { FilePreview } from '@/components/table-preview';
import { bytes, duration, rate as perSecond } from '@/lib/format';
import { formatOf } from '@/lib/preview';
import { visibleName } from '@/lib/visible';
import { newRun } from '@/locales';

import type { AttachedFile } from '../draft';
import type { Unfinished } from '../keeping';
import classes from './files.module.css';
import { uploads, type Upload } from './uploads';

const t = newRun.files;

interface AttachedRowProps {
  file: AttachedFile;
  /** There only if the file was given in this page. */
  content: File | undefined;
  open: boolean;
  twice: boolean;
  onRemove: () => void;
}

/** A file that the platform has. */
export function AttachedRow({ file, content, open, twice, onRemove }: AttachedRowProps) {
  const { id, name, size } = file;
  const origin = content ? t.uploaded : t.earlierFile;
  return (
    <Row
      name={name}
      note={`${bytes(size)} · ${origin}`}
      content={content}
      contentId={id}
      open={open}
      twice={twice}
      buttons={<Action icon={IconX} label={t.remove({ name })} onClick={onRemove} />}
    />
  );
}

/** A file that is on its way there. */
export function SendingRow({ upload, twice }: { upload: Upload; twice: boolean }) {
  const { key, file, state, sent, error } = upload;
  const { name, size } = file;
  const share = size ? (sent / size) * 100 : 0;
  return (
    <Row
      name={name}
      note={state === 'failed' ? bytes(size) : sendingNote(upload)}
      content={file}
      contentId={key}
      open={false}
      twice={twice}
      buttons={
        <>
          {state === 'sending' || state === 'waiting' ? (
            <Action icon={IconPlayerPause} label={t.pause({ name })} onClick={() => uploads.pause(key)} />
          ) : null}
          {state === 'paused' ? (
            <Action icon={IconPlayerPlay} label={t.resume({ name })} onClick={() => uploads.resume(key)} />
          ) : null}
          {state === 'failed' ? (
            <Action icon={IconRefresh} label={t.retry({ name })} onClick={() => uploads.resume(key)} />
          ) : null}
          <Action icon={IconX} label={t.remove({ name })} onClick={() => uploads.remove(key)} />
        </>
      }
    >
      {state === 'failed' ? (
        <Refusal error={error} onRetry={() => uploads.resume(key)} />
      ) : (
        <Progress
          size="xs"
          value={state === 'checking' ? 100 : share}
          color={state === 'paused' ? 'gray' : 'petrol'}
          aria-label={t.progress({ name })}
        />
      )}
    </Row>
  );
}

function sendingNote({ state, file, sent, rate }: Upload): string {
  const done = { sent: bytes(sent), size: bytes(file.size) };
  if (state === 'waiting') return `${done.size} · ${t.waiting}`;
  if (state === 'paused') return t.paused(done);
  if (state === 'checking') return `${done.size} · ${t.checking}`;
  if (!rate) return t.sending(done);
  return `${t.sending(done)} · ${t.rate({ rate: perSecond(rate), left: duration((file.size - sent) / rate) })}`;
}

/** A file that was on its way when the page was left. */
export function UnfinishedRow(props: { file: Unfinished; onGive: (files: File[]) => void; onRemove: () => void }) {
  const { file, onGive, onRemove } = props;
  const input = useRef<HTMLInputElement>(null);
  return (
    <Row
      name={file.name}
      note={bytes(file.size)}
      twice={false}
      buttons={<Action icon={IconX} label={t.remove({ name: file.name })} onClick={onRemove} />}
    >
      <p className={classes.warning}>{t.interrupted}</p>
      <Button size="compact-sm" variant="default" className={classes.again} onClick={() => input.current?.click()}>
        {t.again({ name: file.name })}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t.again({ name: file.name })}
        onChange={(event) => onGive(Array.from(event.currentTarget.files ?? []))}
      />
    </Row>
  );
}

interface RowProps {
  name: string;
  note: string;
  content?: File | undefined;
  contentId?: string;
  open?: boolean;
  twice: boolean;
  buttons: ReactNode;
  children?: ReactNode;
}

function Row({ name, note, content, contentId = '', open = false, twice, buttons, children }: RowProps) {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const shown = chosen ?? open;
  const preview = useId();
  const hasPreview = content !== undefined && formatOf(name) !== null;
  return (
    <li className={classes.row}>
      <div className={classes.line}>
        <FileIcon name={name} />
        <div className={classes.words}>
          <span className={classes.name} title={visibleName(name)}>
            {visibleName(name)}
          </span>
          <span className={classes.note}>{note}</span>
        </div>
        {hasPreview ? (
          <Button
            variant="subtle"
            size="compact-sm"
            aria-expanded={shown}
            aria-controls={preview}
            aria-label={t.previewNamed({ name })}
            leftSection={
              <IconChevronRight size={14} className={classes.chevron} data-open={shown || undefined} aria-hidden />
            }
            onClick={() => setChosen(!shown)}
          >
            {t.preview}
          </Button>
        ) : null}
        <div className={classes.buttons}>{buttons}</div>
      </div>
      {twice ? <p className={classes.warning}>{t.twice}</p> : null}
      {children}
      {hasPreview && shown ? (
        <div id={preview} className={classes.rows}>
          <FilePreview file={content} name={name} id={contentId} />
        </div>
      ) : null}
    </li>
  );
}

function Action({ icon: Icon, label, onClick }: { icon: Icon; label: string; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={onClick}>
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

const ICONS: Record<string, Icon> = {
  excel: IconFileTypeXls,
  parquet: IconTable,
  delimited: IconFileTypeCsv,
};

function FileIcon({ name }: { name: string }) {
  const Icon = ICONS[formatOf(name) ?? ''] ?? IconFile;
  return <Icon size={20} stroke={1.5} className={classes.icon} aria-hidden />;
}
