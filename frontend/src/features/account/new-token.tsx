import { Button, Group, Modal, Radio, Select, Stack, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';

import { Refusal } from '@/components/refusal';
import type { IssuedToken, TokenKindEnum } from '@/lib/api';
import { account } from '@/locales';
import { useFocusBack } from '@/lib/focus';

import { useCreateToken } from './queries';

const t = account.tokens;
const DAY = 86_400;
const LIVES = { day: DAY, week: 7 * DAY, month: 30 * DAY, quarter: 90 * DAY };
type Life = keyof typeof LIVES;

export function NewToken({ onClose, onIssued }: { onClose: () => void; onIssued: (token: IssuedToken) => void }) {
  useFocusBack();
  const create = useCreateToken();
  const [kind, setKind] = useState<TokenKindEnum>('person');
  const [life, setLife] = useState<Life>('month');
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const field = (name: string) => {
      const value = given.get(name);
      return typeof value === 'string' ? value.trim() : '';
    };
    create.mutate(
      {
        kind,
        name: field('name'),
        model_name: kind === 'model' ? field('model') : null,
        expires_in_seconds: LIVES[life],
      },
      { onSuccess: onIssued },
    );
  };
  return (
    <Modal opened onClose={onClose} title={t.create}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {create.error ? <Refusal error={create.error} asked={t.create} /> : null}
          <TextInput
            name="name"
            label={t.name}
            description={t.nameHint}
            required
            withAsterisk={false}
            maxLength={100}
            data-autofocus
          />
          <Radio.Group label={t.kind} value={kind} onChange={(value) => setKind(value)}>
            <Stack gap="xs" mt="xs">
              {(['person', 'model'] as const).map((value) => (
                <Radio key={value} value={value} label={t.kinds[value]} description={t.kindHints[value]} />
              ))}
            </Stack>
          </Radio.Group>
          {kind === 'model' ? (
            <TextInput
              name="model"
              label={t.model}
              description={t.modelHint}
              required
              withAsterisk={false}
              maxLength={100}
            />
          ) : null}
          <Select
            label={t.expires}
            value={life}
            allowDeselect={false}
            data={(Object.keys(LIVES) as Life[]).map((value) => ({ value, label: t.expiresIn[value] }))}
            onChange={(value) => value && setLife(value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {account.cancel}
            </Button>
            <Button type="submit" loading={create.isPending}>
              {t.submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
