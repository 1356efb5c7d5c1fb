import { UnstyledButton } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { clsx } from 'clsx';
import { useRef, type ReactNode } from 'react';

import { useFileDrop } from './drop';
import classes from './drop-zone.module.css';

interface DropZoneProps {
  title: string;
  hint?: ReactNode;
  onFiles: (files: File[]) => void;
  size?: 'md' | 'sm';
}

/** Where files are dropped, which is anywhere on the page, or chosen by pressing it. */
export function DropZone({ title, hint, onFiles, size = 'md' }: DropZoneProps) {
  const input = useRef<HTMLInputElement>(null);
  const over = useFileDrop(onFiles);
  return (
    <>
      <UnstyledButton
        className={clsx(classes.zone, classes[size])}
        data-over={over || undefined}
        onClick={() => input.current?.click()}
      >
        <IconUpload size={size === 'md' ? 22 : 17} stroke={1.75} className={classes.icon} aria-hidden />
        <span className={classes.words}>
          <span className={classes.title}>{title}</span>
          {hint ? <span className={classes.hint}>{hint}</span> : null}
        </span>
      </UnstyledButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        aria-label={title}
        onChange={(event) => {
          const files = Array.from(event.currentTarget.files ?? []);
          // The same file may be chosen again after it was taken out.
          event.currentTarget.value = '';
          if (files.length) onFiles(files);
        }}
      />
    </>
  );
}
