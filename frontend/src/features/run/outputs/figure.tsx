import { ActionIcon, Modal, Tooltip } from '@mantine/core';
import { IconDownload, IconMaximize } from '@tabler/icons-react';
import { useState } from 'react';

import { run } from '@/locales';

import { saveBlob } from '@/lib/save';
import { Picture } from '../zoom/picture';
import zoom from '../zoom/zoom.module.css';
import { sizeOfPng } from './png';
import classes from './outputs.module.css';

const t = run.figure;

interface FigureProps {
  /** As nbformat carries it. */
  base64: string;
  mediaType: string;
  /** What a screen reader says. */
  alt: string;
  fileName: string;
}

/** A picture of pixels: takes its room before it is decoded, grows to the whole screen, is downloaded. */
export function Figure({ base64, mediaType, alt, fileName }: FigureProps) {
  const [opened, setOpened] = useState(false);
  const data = base64.replace(/\s/g, '');
  const source = `data:${mediaType};base64,${data}`;
  const size = mediaType === 'image/png' ? sizeOfPng(data) : null;
  const save = (
    <Tooltip label={t.download}>
      <ActionIcon variant="default" aria-label={t.download} onClick={() => saveBlob(blobOf(data, mediaType), fileName)}>
        <IconDownload size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
  return (
    <figure className={classes.figure}>
      <button
        type="button"
        className={classes.picture}
        onClick={() => setOpened(true)}
        aria-label={t.zoomOf({ name: alt })}
      >
        <img src={source} alt={alt} {...(size ?? {})} className={classes.image} />
      </button>
      <div className={classes.tools}>
        <Tooltip label={t.zoom}>
          <ActionIcon variant="default" aria-label={t.zoom} onClick={() => setOpened(true)}>
            <IconMaximize size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
        {save}
      </div>
      <Modal opened={opened} onClose={() => setOpened(false)} fullScreen title={alt}>
        <Picture source={source} alt={alt} size={size} tools={save} className={zoom.whole} />
      </Modal>
    </figure>
  );
}

function blobOf(base64: string, mediaType: string): Blob {
  return new Blob([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))], { type: mediaType });
}
