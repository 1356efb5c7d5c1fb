import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Section } from '@/components/page';
import { Refusal } from '@/components/refusal';
import { allauth, isDeclined, makePasskey, passkeyObstacle, type Answer, type CreationOptions } from '@/lib/allauth';
import { ProblemError } from '@/lib/api';
import { toast } from '@/lib/toasts';
import { visibleName } from '@/lib/visible';
import { account } from '@/locales';
import { useFocusBack } from '@/lib/focus';

import classes from './account.module.css';
import { Confirm } from './confirm';
import { Method } from './method';
import { authenticatorsQuery, useRefreshAuthenticators, type Authenticator } from './queries';
import type { Perform } from './security';

const t = account.passkeys;
const PATH = 'account/authenticators/webauthn';

type Passkey = Extract<Authenticator, { type: 'webauthn' }>;

export function Passkeys({ perform }: { perform: Perform }) {
  const known = useQuery(authenticatorsQuery);
  const refresh = useRefreshAuthenticators();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Passkey | null>(null);
  const remove = useMutation({
    mutationFn: (id: number) => perform(() => allauth('DELETE', PATH, { authenticators: [id] })),
    onSuccess: async () => {
      setRemoving(null);
      await refresh();
      toast({ tone: 'good', title: account.twoStep.removed });
    },
  });
  const obstacle = passkeyObstacle();
  const passkeys = known.data?.filter((one): one is Passkey => one.type === 'webauthn') ?? [];
  return (
    <Section
      title={t.title}
      lead={t.lead}
      actions={
        <Button size="xs" variant="default" disabled={obstacle !== null} onClick={() => setAdding(true)}>
          {t.add}
        </Button>
      }
    >
      {obstacle ? <p className={classes.quiet}>{t.obstacle[obstacle]}</p> : null}
      {passkeys.length || obstacle ? null : <p className={classes.quiet}>{t.none}</p>}
      <div className={classes.rows}>
        {passkeys.map((passkey) => (
          <Method
            key={passkey.id}
            icon={IconKey}
            name={visibleName(passkey.name) || t.unnamed}
            added={passkey.created_at}
            used={passkey.last_used_at}
            action={
              <Button size="xs" variant="default" onClick={() => setRemoving(passkey)}>
                {account.twoStep.remove}
              </Button>
            }
          />
        ))}
      </div>
      {adding ? <Adding perform={perform} onClose={() => setAdding(false)} /> : null}
      <Confirm
        opened={removing !== null}
        title={t.removeTitle({ name: visibleName(removing?.name ?? '') || t.unnamed })}
        lead={t.removeLead}
        verb={account.twoStep.remove}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => removing && remove.mutate(removing.id)}
        onClose={() => setRemoving(null)}
      />
    </Section>
  );
}

function Adding({ perform, onClose }: { perform: Perform; onClose: () => void }) {
  useFocusBack();
  const refresh = useRefreshAuthenticators();
  const [name, setName] = useState('');
  const add = useMutation({
    mutationFn: () => enrol(perform, name.trim()),
    onSuccess: async (answer) => {
      if (answer?.status !== 200) return;
      onClose();
      await refresh();
      toast({ tone: 'good', title: t.added });
    },
  });
  const complaint = add.data && add.data.status !== 200 ? t.failed : undefined;
  return (
    <Modal opened onClose={onClose} title={t.add} size="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <Stack gap="md">
          {add.error instanceof ProblemError ? <Refusal error={add.error} asked={t.add} /> : null}
          <TextInput
            label={t.name}
            description={t.nameHint}
            value={name}
            required
            withAsterisk={false}
            maxLength={100}
            data-autofocus
            error={complaint ?? said(add.error)}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {account.cancel}
            </Button>
            <Button type="submit" loading={add.isPending}>
              {t.add}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** The challenge from the platform, the key from the browser, the proof back to the platform. */
async function enrol(perform: Perform, name: string): Promise<Answer | null> {
  const offered = await perform(() => allauth<{ creation_options?: CreationOptions }>('GET', `${PATH}?passwordless`));
  if (!offered?.data?.creation_options) return offered;
  const credential = await makePasskey(offered.data.creation_options);
  return perform(() => allauth('POST', PATH, { name, credential }));
}

function said(error: Error | null): string | undefined {
  if (!error || error instanceof ProblemError) return undefined;
  return isDeclined(error) ? t.declined : t.failed;
}
