import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';

import { Method } from '@/features/account/method';
import { QrCode } from '@/features/account/qr-code';
import { FactorForm } from '@/features/session/factor-form';
import { SessionGuard } from '@/features/session/guard';
import { SignInForm } from '@/features/session/sign-in-form';
import { SignInFrame } from '@/features/session/sign-in-frame';
import { meQuery, sessionEnded } from '@/lib/session';
import { IconDeviceMobile, IconKey } from '@tabler/icons-react';

import { Mark } from '../../shell/brand';
import { Case, Grid } from '../case';
import { at, me, NOW } from '../samples';

const nothing = () => undefined;

function Frame({ children }: { children: ReactNode }) {
  return (
    <SignInFrame
      mark={
        <>
          <Mark size={26} /> Bailiwick
        </>
      }
    >
      {children}
    </SignInFrame>
  );
}

export function SignInCase() {
  return (
    <Frame>
      <SignInForm callback="/sign-in" onDone={nothing} />
    </Frame>
  );
}

export function SignInFactorCase() {
  return (
    <Frame>
      <FactorForm factors={['webauthn', 'totp', 'recovery_codes']} onAnswer={nothing} onBack={nothing} />
    </Frame>
  );
}

export function SessionEndsCase() {
  const cache = useQueryClient();
  useState(() =>
    cache.setQueryData(meQuery.queryKey, {
      ...me,
      session: { idle_expires_at: at(95), absolute_expires_at: at(9_000) },
    }),
  );
  return <SessionGuard />;
}

export function SessionEndedCase() {
  useEffect(() => {
    sessionEnded.set(true);
    return () => sessionEnded.set(false);
  }, []);
  return <SessionGuard />;
}

export function AccountParts() {
  const seconds = NOW / 1_000;
  return (
    <Grid>
      <Case name="Ways to prove who one is">
        <Method icon={IconDeviceMobile} name="Authenticator app" detail="Six digits from an app." on={false} />
        <Method icon={IconDeviceMobile} name="Authenticator app" added={seconds - 900_000} used={seconds - 60} on />
        <Method icon={IconKey} name="Laptop" added={seconds - 90_000} used={null} />
      </Case>
      <Case name="QR code">
        <div style={{ width: '12rem' }}>
          <QrCode text="otpauth://totp/Bailiwick:amira?secret=JBSWY3DPEHPK3PXP&issuer=Bailiwick" label="QR code" />
        </div>
      </Case>
    </Grid>
  );
}
