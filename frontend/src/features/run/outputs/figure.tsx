import { ActionIcon, Modal, Tooltip } from '@mantine/core';
import { IconDownload, IconMaximize, IconZoomIn, IconZoomOut, IconZoomReset } from '@tabler/icons-react';
import { useState, type KeyboardEvent } from 'react';

import { run } from '@/locales';

import { saveBlob } from '../save';
import { sizeOfPng } from './png';
import classes from './outputs.module.css';

const t = run.figure;
const STEPS = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8];

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
        <Tooltip label={t.download}>
          <ActionIcon
            variant="default"
            aria-label={t.download}
            onClick={() => saveBlob(blobOf(data, mediaType), fileName)}
          >
            <IconDownload size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      <Modal opened={opened} onClose={() => setOpened(false)} fullScreen title={alt}>
        <Zoomed source={source} alt={alt} width={size?.width ?? null} />
      </Modal>
    </figure>
  );
}

function Zoomed({ source, alt, width }: { source: string; alt: string; width: number | null }) {
  const [scale, setScale] = useState<number | null>(null);
  const [natural, setNatural] = useState(width);
  const step = (by: 1 | -1) => {
    const now = scale ?? 1;
    const next = by > 0 ? STEPS.find((each) => each > now) : STEPS.findLast((each) => each < now);
    setScale(next ?? now);
  };
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === '+' || key === '=') step(1);
    if (key === '-') step(-1);
    if (key === '0') setScale(null);
  };
  return (
    // The keys are a shorter way to the buttons.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={classes.zoomed} onKeyDown={onKeyDown}>
      <div className={classes.zoomTools}>
        <ActionIcon variant="default" aria-label={t.smaller} onClick={() => step(-1)}>
          <IconZoomOut size={16} aria-hidden />
        </ActionIcon>
        <span className={classes.scale} role="status">
          {scale === null ? t.fit : t.scale({ percent: Math.round(scale * 100) })}
        </span>
        <ActionIcon variant="default" aria-label={t.larger} onClick={() => step(1)} data-autofocus>
          <IconZoomIn size={16} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="default" aria-label={t.fit} onClick={() => setScale(null)}>
          <IconZoomReset size={16} aria-hidden />
        </ActionIcon>
      </div>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
      <div className={classes.zoomArea} role="region" aria-label={alt} tabIndex={0}>
        <img
          src={source}
          alt={alt}
          className={scale === null ? classes.fitted : classes.scaled}
          onLoad={({ currentTarget }) => setNatural(currentTarget.naturalWidth)}
          style={scale !== null && natural ? { width: natural * scale } : undefined}
        />
      </div>
    </div>
  );
}

export function blobOf(base64: string, mediaType: string): Blob {
  return new Blob([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))], { type: mediaType });
}
