import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconDeviceMobile } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Copyable } from '@/components/copyable';
import { ErrorState, Loading } from '@/components/feedback';
import { Section } from '@/components/page';
import { Refusal } from '@/components/refusal';
import { allauth, inWords } from '@/lib/allauth';
import { toast } from '@/lib/toasts';
import { account } from '@/locales';
import { useFocusBack } from '@/lib/focus';

import classes from './account.module.css';
import { Confirm } from './confirm';
import { Method } from './method';
import { QrCode } from './qr-code';
import { authenticatorsQuery, useRefreshAuthenticators } from './queries';
import type { Perform } from './security';

const t = account.twoStep;
const PATH = 'account/authenticators/totp';

interface Secret {
  secret: string;
  url: string;
}

export function Totp({ perform }: { perform: Perform }) {
  const known = useQuery(authenticatorsQuery);
  const refresh = useRefreshAuthenticators();
  const [secret, setSecret] = useState<Secret | null>(null);
  const [removing, setRemoving] = useState(false);
  const begin = useMutation({
    mutationFn: () => perform(() => allauth('GET', PATH)),
    onSuccess: (answer) => {
      const { secret: key, totp_url: url } = answer?.meta ?? {};
      if (typeof key === 'string' && typeof url === 'string') setSecret({ secret: key, url });
    },
  });
  const remove = useMutation({
    mutationFn: () => perform(() => allauth('DELETE', PATH)),
    onSuccess: async () => {
      setRemoving(false);
      await refresh();
      toast({ tone: 'good', title: t.removed });
    },
  });
  const totp = known.data?.find((one) => one.type === 'totp');
  return (
    <Section title={t.title} lead={t.lead}>
      {known.isPending ? <Loading rows={1} height={56} /> : null}
      {known.error ? <ErrorState error={known.error} onRetry={() => void known.refetch()} /> : null}
      {known.data ? (
        <Method
          icon={IconDeviceMobile}
          name={t.totp}
          detail={totp ? undefined : t.totpLead}
          added={totp?.created_at}
          used={totp?.last_used_at}
          on={Boolean(totp)}
          action={
            totp ? (
              <Button size="xs" variant="default" onClick={() => setRemoving(true)}>
                {t.remove}
              </Button>
            ) : (
              <Button size="xs" variant="default" loading={begin.isPending} onClick={() => begin.mutate()}>
                {t.setUp}
              </Button>
            )
          }
        />
      ) : null}
      {begin.error ? <Refusal error={begin.error} asked={t.setUp} /> : null}
      {secret ? <Enrolment secret={secret} perform={perform} onClose={() => setSecret(null)} /> : null}
      <Confirm
        opened={removing}
        title={t.removeTotp}
        lead={t.removeTotpLead}
        verb={t.remove}
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => setRemoving(false)}
      />
    </Section>
  );
}

function Enrolment({ secret, perform, onClose }: { secret: Secret; perform: Perform; onClose: () => void }) {
  useFocusBack();
  const refresh = useRefreshAuthenticators();
  const [code, setCode] = useState('');
  const confirm = useMutation({
    mutationFn: () => perform(() => allauth('POST', PATH, { code: code.replace(/\s/g, '') })),
    onSuccess: async (answer) => {
      if (answer?.status !== 200) return;
      onClose();
      await refresh();
      toast({ tone: 'good', title: t.enabled });
    },
  });
  const fault = confirm.data?.status === 400 ? confirm.data.errors[0] : undefined;
  const complaint = fault && inWords(fault);
  return (
    <Modal opened onClose={onClose} title={t.totp}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          confirm.mutate();
        }}
      >
        <Stack gap="md">
          <Text>{t.scan}</Text>
          <div className={classes.qr}>
            <QrCode text={secret.url} label={t.qr} />
          </div>
          <Group gap="xs" justify="center">
            <Text size="sm" c="dimmed">
              {t.key}
            </Text>
            <Copyable text={secret.secret} shown={secret.secret.replace(/(.{4})(?=.)/g, '$1 ')} name={t.key} />
          </Group>
          {confirm.error ? <Refusal error={confirm.error} asked={t.confirm} /> : null}
          <TextInput
            label={t.code}
            value={code}
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            withAsterisk={false}
            data-autofocus
            error={complaint}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {account.cancel}
            </Button>
            <Button type="submit" loading={confirm.isPending}>
              {t.confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
