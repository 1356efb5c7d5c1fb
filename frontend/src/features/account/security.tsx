import { PasswordChange } from './password';
import { Passkeys } from './passkeys';
import { RecoveryCodes } from './recovery-codes';
import { useSensitive } from './sensitive';
import { Totp } from './totp';

/** How the person signs in. */
export function Security() {
  const { perform, dialog } = useSensitive();
  return (
    <>
      <PasswordChange perform={perform} />
      <Totp perform={perform} />
      <Passkeys perform={perform} />
      <RecoveryCodes perform={perform} />
      {dialog}
    </>
  );
}

export type Perform = ReturnType<typeof useSensitive>['perform'];
