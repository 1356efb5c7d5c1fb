import { Button, Group, Modal, Stack, Text } from '@mantine/core';

import { Refusal } from '@/components/refusal';
import { account } from '@/locales';

interface ConfirmProps {
  opened: boolean;
  title: string;
  lead: string;
  verb: string;
  busy?: boolean;
  error?: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something that cannot be taken back. */
export function Confirm({ opened, title, lead, verb, busy = false, error, onConfirm, onClose }: ConfirmProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="sm">
      <Stack gap="md">
        <Text>{lead}</Text>
        {error ? <Refusal error={error} asked={title} /> : null}
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={onClose}>
            {account.cancel}
          </Button>
          <Button color="red" loading={busy} onClick={onConfirm}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
