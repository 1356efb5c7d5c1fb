import { Toasts } from '@/components/toasts';
import { SignInPage } from '@/features/session';
import { shell } from '@/locales';

import { Mark } from './brand';

export function SignIn() {
  return (
    <>
      <SignInPage
        mark={
          <>
            <Mark size={26} /> {shell.product}
          </>
        }
      />
      <Toasts />
    </>
  );
}
