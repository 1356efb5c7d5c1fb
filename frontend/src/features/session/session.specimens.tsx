import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';

import { meQuery, sessionEnded } from '@/lib/session';

import { at, me, type Specimens } from '@/lib/specimens';

import { FactorForm } from './factor-form';
import { SessionGuard } from './guard';
import { SignInForm } from './sign-in-form';
import { SignInFrame } from './sign-in-frame';

const nothing = () => undefined;

function Frame({ children }: { children: ReactNode }) {
  return <SignInFrame mark="Bailiwick">{children}</SignInFrame>;
}

function SignInCase() {
  return (
    <Frame>
      <SignInForm callback="/sign-in" onDone={nothing} />
    </Frame>
  );
}

function SignInFactorCase() {
  return (
    <Frame>
      <FactorForm factors={['webauthn', 'totp', 'recovery_codes']} onAnswer={nothing} onBack={nothing} />
    </Frame>
  );
}

function SessionEndsCase() {
  const cache = useQueryClient();
  useState(() =>
    cache.setQueryData(meQuery.queryKey, {
      ...me,
      session: { idle_expires_at: at(95), absolute_expires_at: at(9_000) },
    }),
  );
  return <SessionGuard />;
}

function SessionEndedCase() {
  useEffect(() => {
    sessionEnded.set(true);
    return () => sessionEnded.set(false);
  }, []);
  return <SessionGuard />;
}

export const specimens: Specimens = {
  section: 'Session',
  pages: {
    'sign-in': SignInCase,
    'sign-in-factor': SignInFactorCase,
    'session-ends': SessionEndsCase,
    'session-ended': SessionEndedCase,
  },
};
