import { Button, PasswordInput, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type SubmitEvent } from 'react';

import { Section } from '@/components/page';
import { Refusal } from '@/components/refusal';
import { allauth, inWords } from '@/lib/allauth';
import { toast } from '@/lib/toasts';
import { account } from '@/locales';

import type { Perform } from './security';

const t = account.password;
const EMPTY = { current: '', next: '', again: '' };

export function PasswordChange({ perform }: { perform: Perform }) {
  const [given, setGiven] = useState(EMPTY);
  const [different, setDifferent] = useState(false);
  const change = useMutation({
    mutationFn: () =>
      perform(() =>
        allauth('POST', 'account/password/change', { current_password: given.current, new_password: given.next }),
      ),
    onSuccess: (answer) => {
      if (answer?.status !== 200) return;
      setGiven(EMPTY);
      toast({ tone: 'good', title: t.changed });
    },
  });
  const errors = change.data?.status === 400 ? change.data.errors : [];
  const current = errors.filter(({ param }) => param === 'current_password').map(inWords);
  const other = errors.filter(({ param }) => param !== 'current_password').map(inWords);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    setDifferent(given.next !== given.again);
    if (given.next === given.again) change.mutate();
  };
  const field = (name: keyof typeof EMPTY) => ({
    label: t[name],
    value: given[name],
    required: true,
    withAsterisk: false,
    autoComplete: name === 'current' ? 'current-password' : 'new-password',
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setGiven((before) => ({ ...before, [name]: value }));
    },
  });
  return (
    <Section title={t.title} lead={t.lead}>
      {change.error ? <Refusal error={change.error} asked={t.submit} /> : null}
      <form onSubmit={submit}>
        <Stack gap="sm" maw="24rem">
          <PasswordInput {...field('current')} error={current.length ? current.join(' ') : undefined} />
          <PasswordInput {...field('next')} error={other.length ? other.join(' ') : undefined} />
          <PasswordInput {...field('again')} error={different ? t.different : undefined} />
          <Button type="submit" variant="default" loading={change.isPending} mt="xs" w="fit-content">
            {t.submit}
          </Button>
        </Stack>
      </form>
    </Section>
  );
}
