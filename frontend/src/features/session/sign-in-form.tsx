import { Button, Divider, Loader, PasswordInput, Stack, TextInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState, type SubmitEvent } from 'react';

import { ErrorState } from '@/components/feedback';
import { Refusal } from '@/components/refusal';
import { nextStep, passkeyObstacle, type Answer, type Step } from '@/lib/allauth';
import { session as t } from '@/locales';

import { Complaint, general, of } from './complaints';
import { FactorForm } from './factor-form';
import { useFirstFocus } from './first-focus';
import { usePasskeyAttempt } from './passkey';
import { Providers } from './providers';
import { configQuery, standingQuery, useAttempt, type SignInConfig } from './queries';

interface SignInFormProps {
  /** Where an identity provider sends the person back to. */
  callback: string;
  onDone: () => void;
}

/** All ways in, step by step. */
export function SignInForm({ callback, onDone }: SignInFormProps) {
  const config = useQuery(configQuery);
  const standing = useQuery(standingQuery);
  const [step, setStep] = useState<Step | null>(null);
  // Whoever comes back from an identity provider is signed in already; so is who signed in in another tab.
  const arrived = standing.data !== undefined && nextStep(standing.data).kind === 'done';
  const goOn = useEffectEvent(onDone);
  useEffect(() => {
    if (arrived) goOn();
  }, [arrived]);
  if (config.isPending || standing.isPending || arrived) return <Loader size="sm" />;
  const failed = config.error ?? standing.error;
  if (failed ?? !config.data) {
    const again = () => void Promise.all([config.refetch(), standing.refetch()]);
    return <ErrorState error={failed} onRetry={again} />;
  }
  const take = (answer: Answer) => {
    const next = nextStep(answer);
    setStep(next);
    if (next.kind === 'done') onDone();
  };
  const now = step ?? (standing.data ? nextStep(standing.data) : { kind: 'password' });
  if (now.kind === 'factor') {
    return <FactorForm factors={now.factors} onAnswer={take} onBack={() => setStep({ kind: 'password' })} />;
  }
  return <PasswordForm config={config.data} callback={callback} onAnswer={take} />;
}

interface PasswordFormProps {
  config: SignInConfig;
  callback: string;
  onAnswer: (answer: Answer) => void;
}

function PasswordForm({ config, callback, onAnswer }: PasswordFormProps) {
  const attempt = useAttempt();
  const passkey = usePasskeyAttempt('auth/webauthn/login', onAnswer);
  const methods = config.account.login_methods ?? ['username'];
  const withEmail = methods.includes('email') && !methods.includes('username');
  const errors = attempt.data?.status === 400 ? attempt.data.errors : [];
  const first = useFirstFocus<HTMLInputElement>();
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const login = text(given, 'login').trim();
    const body = { [withEmail ? 'email' : 'username']: login, password: text(given, 'password') };
    passkey.reset();
    attempt.mutate({ path: 'auth/login', body }, { onSuccess: (answer) => answer.status !== 400 && onAnswer(answer) });
  };
  const providers = config.socialaccount?.providers ?? [];
  const withPasskey = config.mfa?.passkey_login_enabled === true && passkeyObstacle() === null;
  return (
    <Stack gap="md">
      {attempt.error ? <Refusal error={attempt.error} onRetry={attempt.reset} /> : null}
      <Complaint errors={general(errors)} />
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput
            ref={first}
            name="login"
            label={withEmail ? t.email : methods.includes('email') ? t.usernameOrEmail : t.username}
            type={withEmail ? 'email' : 'text'}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            withAsterisk={false}
            error={of(errors, withEmail ? 'email' : 'username')}
          />
          <PasswordInput
            name="password"
            label={t.password}
            autoComplete="current-password"
            required
            withAsterisk={false}
            error={of(errors, 'password')}
            aria-invalid={of(errors, 'password') !== undefined}
          />
          <Button type="submit" loading={attempt.isPending} mt="xs" fullWidth>
            {t.submit}
          </Button>
        </Stack>
      </form>
      {providers.length || withPasskey ? <Divider label={t.or} /> : null}
      {withPasskey ? (
        <Button
          variant="default"
          leftSection={<IconKey size={16} aria-hidden />}
          loading={passkey.isPending}
          onClick={() => passkey.mutate()}
        >
          {t.passkey}
        </Button>
      ) : null}
      {passkey.complaint ? <Complaint errors={[passkey.complaint]} /> : null}
      <Providers providers={providers} callback={callback} />
    </Stack>
  );
}

function text(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
