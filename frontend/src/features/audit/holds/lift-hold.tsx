import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';

import { Refusal } from '@/components/refusal';
import type { Hold } from '@/lib/api';
import { useFocusBack } from '@/lib/focus';
import { toast } from '@/lib/toasts';
import { audit } from '@/locales';

import { useLiftHold } from './queries';
import { SHORTEST } from './reason';

const t = audit.holds;

/** Asks why before a hold is lifted. */
export function LiftHold({ hold, what, onClose }: { hold: Hold; what: string; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const lift = useLiftHold();
  useFocusBack();
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const done = () => {
      toast({ tone: 'good', title: t.wasLifted });
      onClose();
    };
    lift.mutate({ id: hold.id, reason: reason.trim() }, { onSuccess: done });
  };
  return (
    <Modal opened onClose={onClose} title={t.liftOne({ what })} size="sm">
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label={t.form.reason}
            description={t.form.reasonHint}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            data-autofocus
          />
          {lift.error ? <Refusal error={lift.error} asked={t.liftOne({ what })} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t.cancel}
            </Button>
            <Button type="submit" loading={lift.isPending} disabled={reason.trim().length < SHORTEST}>
              {t.lift}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
