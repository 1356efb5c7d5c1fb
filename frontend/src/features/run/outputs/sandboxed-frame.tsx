import { ActionIcon, Skeleton, Tooltip } from '@mantine/core';
import { IconArrowsDiagonalMinimize2, IconArrowsMaximize, IconShieldLock } from '@tabler/icons-react';
import { useState } from 'react';

import { run } from '@/locales';

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
  /** In pixels, where the document states one. */
  height: number | null;
}

/**
 * A document of a run in a frame of its own: without scripts, without our origin, without a way out. What the
 * platform sends into it carries the same rules once more.
 */
export function SandboxedFrame({ address, title, height: stated }: SandboxedFrameProps) {
  const first = stated === null ? FIRST_REM : Math.min(40, Math.max(LEAST_REM, stated / PX + MARGIN_REM));
  const [height, setHeight] = useState(first);
  const [loaded, setLoaded] = useState(false);
  const change = (by: number) => setHeight((now) => Math.min(MOST_REM, Math.max(LEAST_REM, now + by)));
  return (
    <div className={classes.framed}>
      <div className={classes.frameBar}>
        <IconShieldLock size={14} aria-hidden />
        <span className={classes.frameNote}>{t.note}</span>
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
        <iframe
          sandbox=""
          src={address}
          title={title}
          referrerPolicy="no-referrer"
          loading="lazy"
          className={classes.iframe}
          onLoad={() => setLoaded(true)}
        />
      </div>
    </div>
  );
}
