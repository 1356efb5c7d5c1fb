import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useState, type SubmitEvent, type ReactNode } from 'react';

import { Refusal } from '@/components/refusal';
import {
  allauth,
  inWords,
  isDeclined,
  passkeyObstacle,
  reauthentication,
  usePasskey as askForPasskey,
  type Answer,
  type RequestOptions,
} from '@/lib/allauth';
import { account } from '@/locales';
import { useFocusBack } from '@/lib/focus';

const t = account.reauth;

type Act<D> = () => Promise<Answer<D>>;

interface Waiting {
  needs: NonNullable<ReturnType<typeof reauthentication>>;
  goOn: () => void;
  giveUp: () => void;
}

/**
 * Changes to how a person signs in may first ask who they are. `perform` does something at the sign-in doors, asks
 * when it has to, and does it again; null when the person gave up. `dialog` has to be rendered.
 */
export function useSensitive(): { perform: <D>(act: Act<D>) => Promise<Answer<D> | null>; dialog: ReactNode } {
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const perform = async <D,>(act: Act<D>): Promise<Answer<D> | null> => {
    const given = await act();
    const needs = reauthentication(given);
    if (!needs) return given;
    const proven = await new Promise<boolean>((resolve) => {
      setWaiting({ needs, goOn: () => resolve(true), giveUp: () => resolve(false) });
    });
    setWaiting(null);
    return proven ? act() : null;
  };
  return { perform, dialog: waiting ? <Reauthentication {...waiting} /> : null };
}

function Reauthentication({ needs, goOn, giveUp }: Waiting) {
  useFocusBack();
  const [error, setError] = useState<unknown>(null);
  const [complaint, setComplaint] = useState('');
  const [busy, setBusy] = useState(false);
  const attempt = async (ask: () => Promise<Answer>) => {
    setBusy(true);
    setComplaint('');
    try {
      const given = await ask();
      if (given.status === 200) goOn();
      else setComplaint(given.errors[0] ? inWords(given.errors[0]) : t.failed);
      setError(null);
    } catch (thrown) {
      if (isDeclined(thrown)) setComplaint(t.declined);
      else setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget).get('proof');
    const proof = typeof given === 'string' ? given : '';
    void attempt(() =>
      needs.password
        ? allauth('POST', 'auth/reauthenticate', { password: proof })
        : allauth('POST', 'auth/2fa/reauthenticate', { code: proof.replace(/\s/g, '') }),
    );
  };
  const withPasskey = needs.factors.includes('webauthn') && passkeyObstacle() === null;
  const withCode = needs.password || needs.factors.some((factor) => factor !== 'webauthn');
  const Field = needs.password ? PasswordInput : TextInput;
  return (
    <Modal opened onClose={giveUp} title={t.title} size="sm">
      <Stack gap="md">
        <Text c="dimmed">{t.lead}</Text>
        {error ? <Refusal error={error} onRetry={() => setError(null)} /> : null}
        {withPasskey ? (
          <Button
            variant="default"
            leftSection={<IconKey size={16} aria-hidden />}
            onClick={() => void attempt(passkeyProof)}
          >
            {t.passkey}
          </Button>
        ) : null}
        {complaint && !withCode ? <Text c="red">{complaint}</Text> : null}
        {withCode ? (
          <form onSubmit={submit}>
            <Field
              name="proof"
              label={needs.password ? t.password : t.code}
              autoComplete={needs.password ? 'current-password' : 'one-time-code'}
              required
              withAsterisk={false}
              data-autofocus
              error={complaint}
            />
            <Group justify="flex-end" mt="md">
              <Button variant="default" onClick={giveUp}>
                {account.cancel}
              </Button>
              <Button type="submit" loading={busy}>
                {t.submit}
              </Button>
            </Group>
          </form>
        ) : null}
      </Stack>
    </Modal>
  );
}

async function passkeyProof(): Promise<Answer> {
  const path = 'auth/webauthn/reauthenticate';
  const offered = await allauth<{ request_options?: RequestOptions }>('GET', path);
  if (!offered.data?.request_options) return offered;
  return allauth('POST', path, { credential: await askForPasskey(offered.data.request_options) });
}
