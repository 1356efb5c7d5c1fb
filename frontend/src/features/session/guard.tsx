import { Button, Group, Modal, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { useSeconds } from '@/lib/clock';
import { lastAnswer } from '@/lib/connection';
import { clock } from '@/lib/format';
import { meQuery, sessionEnded, useMe, type Me } from '@/lib/session';
import { useStore } from '@/lib/store';
import { session } from '@/locales';

import { useRefreshMe, useSignOut } from './queries';
import { SignInForm } from './sign-in-form';

const WARN_SECONDS = 120;

/** Warns before the session ends, and lets the person back in without losing the page when it has. */
export function SessionGuard() {
  const ended = useStore(sessionEnded);
  return ended ? <EndedDialog /> : <ExpiryDialog />;
}

function EndedDialog() {
  const t = session.ended;
  const me = useMe();
  const cache = useQueryClient();
  const refresh = useRefreshMe();
  const done = async () => {
    const now = await refresh();
    // What is on the page belongs to the one who was signed in before.
    if (now.id !== me.id) window.location.assign('/');
    sessionEnded.set(false);
    await cache.invalidateQueries();
  };
  const callback = window.location.pathname + window.location.search;
  return (
    <Modal opened onClose={() => undefined} withCloseButton={false} closeOnEscape={false} title={t.title} size="sm">
      <Text c="dimmed" mb="md">
        {t.lead}
      </Text>
      <SignInForm callback={callback} onDone={() => void done()} />
      <Group justify="center" mt="md">
        <Button variant="subtle" size="compact-sm" onClick={() => window.location.assign('/sign-in')}>
          {t.other}
        </Button>
      </Group>
    </Modal>
  );
}

function ExpiryDialog() {
  const t = session.expiring;
  const me = useMe();
  const now = useSeconds();
  const answered = useStore(lastAnswer);
  const { dataUpdatedAt: told } = useQuery({ ...meQuery, enabled: false });
  const refresh = useRefreshMe();
  const signOut = useSignOut();
  const [understood, setUnderstood] = useState(false);
  const ends = expiry(me.session, answered - told);
  const left = ends ? (ends.at - now) / 1_000 : Infinity;
  if (!ends || left > WARN_SECONDS || left <= 0 || (understood && ends.kind === 'absolute')) return null;
  const time = clock(left);
  return (
    <Modal opened onClose={() => setUnderstood(true)} withCloseButton={false} title={t.title} size="sm">
      <Text mb="lg">{t[ends.kind]({ time })}</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={() => signOut.mutate()}>
          {t.signOut}
        </Button>
        {ends.kind === 'idle' ? (
          <Button data-autofocus onClick={() => void refresh()}>
            {t.stay}
          </Button>
        ) : (
          <Button data-autofocus onClick={() => setUnderstood(true)}>
            {t.understood}
          </Button>
        )}
      </Group>
    </Modal>
  );
}

/**
 * When the session ends unless something is done, and why. Every answer of the platform begins the idle time anew, so
 * the end that `me` told has moved by as many milliseconds as have passed from there to the last answer.
 */
export function expiry(ends: Me['session'], moved: number): { at: number; kind: 'idle' | 'absolute' } | null {
  if (!ends) return null;
  const absolute = Date.parse(ends.absolute_expires_at);
  const idle = Date.parse(ends.idle_expires_at) + Math.max(0, moved);
  return idle < absolute ? { at: idle, kind: 'idle' } : { at: absolute, kind: 'absolute' };
}
