import { Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useRef, type ReactNode } from 'react';

import { usePageTitle } from '@/components/page';
import { meQuery } from '@/lib/session';
import { session as t } from '@/locales';

import { Complaint } from './complaints';
import { isOwnPath, type SignInSearch } from './search';
import { SignInForm } from './sign-in-form';
import { SignInFrame } from './sign-in-frame';

const ERRORS: Record<string, string> = {
  cancelled: t.providerCancelled,
  denied: t.providerDenied,
  permission_denied: t.providerDenied,
  signup_closed: t.providerDenied,
  inactive: t.inactive,
};

/** The page for nobody yet. `mark` is the product's sign, drawn by the frame. */
export function SignInPage({ mark }: { mark: ReactNode }) {
  usePageTitle(t.title);
  const { to: asked, error }: SignInSearch = useSearch({ strict: false });
  // Asked once more where it matters: whoever wrote the link does not choose where the person ends up.
  const to = asked !== undefined && isOwnPath(asked) ? asked : '/';
  const cache = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const going = useRef(false);
  const done = async () => {
    // The emptied cache asks anew how far the sign-in has come, and would be told once more.
    if (going.current) return;
    going.current = true;
    cache.clear();
    await cache.query(meQuery);
    await router.invalidate();
    await navigate({ href: to, replace: true });
  };
  const callback = `/sign-in?to=${encodeURIComponent(to)}`;
  return (
    <SignInFrame mark={mark}>
      <Stack gap="md">
        <Complaint errors={error ? [ERRORS[error] ?? t.providerFailed] : []} />
        <SignInForm callback={callback} onDone={() => void done()} />
      </Stack>
    </SignInFrame>
  );
}
