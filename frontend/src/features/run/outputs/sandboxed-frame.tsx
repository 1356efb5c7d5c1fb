import { ActionIcon, Skeleton, Tooltip } from '@mantine/core';
import { IconArrowsDiagonalMinimize2, IconArrowsMaximize, IconShieldLock } from '@tabler/icons-react';
import { useState } from 'react';

import { run } from '@/locales';

import classes from './outputs.module.css';

const t = run.frame;
const STEP_REM = 10;
const [LEAST_REM, FIRST_REM, MOST_REM] = [8, 22, 90];

/**
 * A document of a run in a frame of its own: without scripts, without our origin, without a way out. What the
 * platform sends into it carries the same rules once more.
 */
export function SandboxedFrame({ address, title }: { address: string; title: string }) {
  const [height, setHeight] = useState(FIRST_REM);
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
