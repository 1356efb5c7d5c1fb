import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useEffect } from 'react';

import { Empty, ErrorState } from '@/components/feedback';
import { unreachable } from '@/lib/api';
import { connection } from '@/lib/connection';
import { useStore } from '@/lib/store';
import { shell } from '@/locales';

import type { PageNotLoaded } from './lazy-page';

const t = shell.route;

const reload = () => window.location.reload();

/** In place of a page whose code did not arrive. Loads the console anew as soon as that can help. */
export function NotLoaded({ reason }: { reason: PageNotLoaded['reason'] }) {
  return reason === 'update' ? <Updated /> : <Silent />;
}

function Updated() {
  return (
    <Empty icon={IconRefresh} title={t.updatedTitle} action={<Button onClick={reload}>{t.updatedAction}</Button>}>
      {t.updated}
    </Empty>
  );
}

function Silent() {
  const online = useStore(connection) === 'online';
  useEffect(() => {
    if (online) reload();
  }, [online]);
  return <ErrorState error={unreachable()} />;
}
