import { Button, Group, Modal, Stack } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';

import { Refusal } from '@/components/refusal';
import type { Hold } from '@/lib/api';
import { useFocusBack } from '@/lib/focus';
import { toast } from '@/lib/toasts';
import { audit } from '@/locales';

import { isReason, ReasonField } from './fields';
import { useLiftHold } from './queries';

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
          <ReasonField value={reason} onChange={setReason} data-autofocus />
          {lift.error ? <Refusal error={lift.error} asked={t.liftOne({ what })} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t.cancel}
            </Button>
            <Button type="submit" loading={lift.isPending} disabled={!isReason(reason)}>
              {t.lift}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
