import { Anchor, Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useState, type SubmitEvent } from 'react';

import { Refusal } from '@/components/refusal';
import { passkeyObstacle, type Answer, type Factor } from '@/lib/allauth';
import { session } from '@/locales';

import { Complaint, general, of } from './complaints';
import { useFirstFocus } from './first-focus';
import { usePasskeyAttempt } from './passkey';
import { useAttempt } from './queries';

const t = session.factor;

interface FactorFormProps {
  factors: readonly Factor[];
  onAnswer: (answer: Answer) => void;
  onBack: () => void;
}

/** The second proof: a code of the app, a passkey, or a recovery code. */
export function FactorForm({ factors, onAnswer, onBack }: FactorFormProps) {
  const usable = factors.filter((factor) => factor !== 'webauthn' || passkeyObstacle() === null);
  const [code, setCode] = useState<Factor>(usable.includes('totp') ? 'totp' : 'recovery_codes');
  const withPasskey = usable.includes('webauthn');
  const withCode = usable.includes(code);
  return (
    <Stack gap="md">
      <div>
        <Title order={2}>{t.heading}</Title>
        <Text c="dimmed" size="sm">
          {t.lead}
        </Text>
      </div>
      {withPasskey ? <PasskeyButton alone={!withCode} onAnswer={onAnswer} /> : null}
      {withCode ? <CodeForm key={code} factor={code} onAnswer={onAnswer} /> : null}
      <Group justify="space-between" gap="xs">
        {usable.includes('recovery_codes') && usable.includes('totp') ? (
          <Anchor
            component="button"
            type="button"
            size="sm"
            onClick={() => setCode(code === 'totp' ? 'recovery_codes' : 'totp')}
          >
            {code === 'totp' ? t.useRecovery : t.useTotp}
          </Anchor>
        ) : (
          <span />
        )}
        <Anchor component="button" type="button" size="sm" onClick={onBack}>
          {t.back}
        </Anchor>
      </Group>
    </Stack>
  );
}

function PasskeyButton({ alone, onAnswer }: { alone: boolean; onAnswer: (answer: Answer) => void }) {
  const passkey = usePasskeyAttempt('auth/webauthn/authenticate', onAnswer);
  return (
    <>
      <Button
        variant={alone ? 'filled' : 'default'}
        leftSection={<IconKey size={16} aria-hidden />}
        loading={passkey.isPending}
        onClick={() => passkey.mutate()}
      >
        {t.passkey}
      </Button>
      {passkey.complaint ? <Complaint errors={[passkey.complaint]} /> : null}
    </>
  );
}

function CodeForm({ factor, onAnswer }: { factor: Factor; onAnswer: (answer: Answer) => void }) {
  const attempt = useAttempt();
  const totp = factor === 'totp';
  const first = useFirstFocus<HTMLInputElement>();
  const errors = attempt.data?.status === 400 ? attempt.data.errors : [];
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget).get('code');
    const code = typeof given === 'string' ? given.replace(/\s/g, '') : '';
    attempt.mutate(
      { path: 'auth/2fa/authenticate', body: { code } },
      { onSuccess: (answer) => answer.status !== 400 && onAnswer(answer) },
    );
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {attempt.error ? <Refusal error={attempt.error} onRetry={attempt.reset} /> : null}
        <Complaint errors={general(errors)} />
        <TextInput
          ref={first}
          name="code"
          label={totp ? t.totp : t.recovery}
          description={totp ? t.totpHint : t.recoveryHint}
          autoComplete="one-time-code"
          inputMode={totp ? 'numeric' : 'text'}
          required
          withAsterisk={false}
          error={of(errors, 'code')}
        />
        <Button type="submit" loading={attempt.isPending} fullWidth>
          {t.submit}
        </Button>
      </Stack>
    </form>
  );
}
