import { ActionIcon, Modal, Skeleton, Tooltip } from '@mantine/core';
import {
  IconArrowsDiagonalMinimize2,
  IconArrowsMaximize,
  IconDownload,
  IconMaximize,
  IconShieldLock,
} from '@tabler/icons-react';
import { useState } from 'react';

import { run } from '@/locales';

import { saveBlob } from '@/lib/save';
import { Drawing } from '../zoom/drawing';
import type { Size } from '../zoom/scale';
import zoom from '../zoom/zoom.module.css';
import classes from './outputs.module.css';

const t = run.frame;
const STEP_REM = 10;
const [LEAST_REM, FIRST_REM, MOST_REM] = [8, 18, 90];
const PX = 16;
// Around a document of its own the browser keeps a margin.
const MARGIN_REM = 1.5;

interface SandboxedFrameProps {
  address: string;
  title: string;
  /** What makes a document one that can be zoomed and kept. */
  drawing: { size: Size; source: string; fileName: string } | null;
  /** It cannot be asked for yet; its room is taken, so that nothing moves when it can. */
  waits: boolean;
}

/**
 * A document of a run in a frame of its own: without scripts, without our origin, without a way out. What the
 * platform sends into it carries the same rules once more.
 */
export function SandboxedFrame({ address, title, drawing, waits }: SandboxedFrameProps) {
  const first = drawing ? Math.min(40, Math.max(LEAST_REM, drawing.size.height / PX + MARGIN_REM)) : FIRST_REM;
  const [height, setHeight] = useState(first);
  const [loaded, setLoaded] = useState(false);
  const change = (by: number) => setHeight((now) => Math.min(MOST_REM, Math.max(LEAST_REM, now + by)));
  return (
    <div className={classes.framed}>
      <div className={classes.frameBar}>
        <IconShieldLock size={14} aria-hidden />
        <span className={classes.frameNote}>{waits ? run.outputs.whenDone : t.note}</span>
        {drawing && !waits ? <DrawingTools address={address} title={title} {...drawing} /> : null}
        <Tooltip label={t.shorter}>
          <ActionIcon size="sm" aria-label={t.shorter} disabled={height <= LEAST_REM} onClick={() => change(-STEP_REM)}>
            <IconArrowsDiagonalMinimize2 size={14} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t.taller}>
          <ActionIcon size="sm" aria-label={t.taller} disabled={height >= MOST_REM} onClick={() => change(STEP_REM)}>
            <IconArrowsMaximize size={14} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={classes.frameBox} style={{ height: `${height}rem` }}>
        {loaded ? null : <Skeleton className={classes.frameLoading} radius={0} />}
        {waits ? null : (
          <iframe
            sandbox=""
            src={address}
            title={title}
            referrerPolicy="no-referrer"
            loading="lazy"
            className={classes.iframe}
            onLoad={() => setLoaded(true)}
          />
        )}
      </div>
    </div>
  );
}

interface DrawingToolsProps {
  address: string;
  title: string;
  size: Size;
  source: string;
  fileName: string;
}

function DrawingTools({ address, title, size, source, fileName }: DrawingToolsProps) {
  const [opened, setOpened] = useState(false);
  const save = () => saveBlob(new Blob([source], { type: 'image/svg+xml' }), fileName);
  return (
    <>
      <Tooltip label={t.zoom}>
        <ActionIcon size="sm" aria-label={t.zoom} onClick={() => setOpened(true)}>
          <IconMaximize size={14} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t.download}>
        <ActionIcon size="sm" aria-label={t.download} onClick={save}>
          <IconDownload size={14} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Modal opened={opened} onClose={() => setOpened(false)} fullScreen title={title}>
        <Drawing
          address={address}
          title={title}
          size={size}
          className={zoom.whole}
          tools={
            <Tooltip label={t.download}>
              <ActionIcon variant="default" aria-label={t.download} onClick={save}>
                <IconDownload size={16} aria-hidden />
              </ActionIcon>
            </Tooltip>
          }
        />
      </Modal>
    </>
  );
}
