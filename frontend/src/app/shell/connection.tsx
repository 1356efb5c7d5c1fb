import { Tooltip } from '@mantine/core';
import { IconCloudOff, IconPlugConnected, IconWifiOff } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';

import { announce } from '@/lib/announce';
import { connection, type Connection } from '@/lib/connection';
import { useStore } from '@/lib/store';
import type { Tone } from '@/lib/theme';
import { shell } from '@/locales';

import classes from './shell.module.css';

const t = shell.connection;

const LOOKS: Record<Connection, { tone: Tone; icon: typeof IconWifiOff; hint: string }> = {
  online: { tone: 'quiet', icon: IconPlugConnected, hint: t.online },
  offline: { tone: 'bad', icon: IconWifiOff, hint: t.offlineHint },
  unreachable: { tone: 'bad', icon: IconCloudOff, hint: t.unreachableHint },
};

/** Whether what is shown can be up to date. */
export function ConnectionIndicator() {
  const state = useStore(connection);
  const { tone, icon: Icon, hint } = LOOKS[state];
  return (
    <Tooltip label={hint} multiline maw={240} position="right">
      <span className={classes.connection} data-tone={tone}>
        <Icon size={14} aria-hidden />
        {t[state]}
      </span>
    </Tooltip>
  );
}

/** Says above the page that the network is gone; on narrow screens nothing else does. */
export function ConnectionBanner() {
  const state = useStore(connection);
  const before = useRef(state);
  useEffect(() => {
    if (state === 'online' && before.current !== 'online') announce(t.back);
    before.current = state;
  }, [state]);
  if (state === 'online') return null;
  const { icon: Icon, hint } = LOOKS[state];
  return (
    <div className={classes.banner} data-tone="bad" role="status">
      <Icon size={16} aria-hidden />
      {hint}
    </div>
  );
}
