import { Portal } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';

import { useFileDrop } from '@/components/drop-zone';
import { home as t } from '@/locales';

import classes from './home.module.css';

/** Takes files dropped anywhere on the page, and says so while they are held above it. */
export function DropVeil({ onFiles }: { onFiles: (files: File[]) => void }) {
  const over = useFileDrop(onFiles);
  if (!over) return null;
  return (
    <Portal>
      <div className={classes.veil}>
        <IconUpload size={28} stroke={1.5} aria-hidden />
        {t.dropHere}
      </div>
    </Portal>
  );
}
