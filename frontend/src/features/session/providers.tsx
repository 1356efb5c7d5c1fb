import { Button } from '@mantine/core';
import { IconBuilding } from '@tabler/icons-react';

import { PROVIDER_REDIRECT } from '@/lib/allauth';
import { csrfToken } from '@/lib/api';
import { session as t } from '@/locales';

interface ProvidersProps {
  providers: readonly { id: string; name: string }[];
  /** The page of this console that the provider sends the person back to. */
  callback: string;
}

/** One button for each identity provider. The browser itself goes there, so each is a form. */
export function Providers({ providers, callback }: ProvidersProps) {
  return providers.map(({ id, name }) => (
    <form key={id} method="post" action={PROVIDER_REDIRECT}>
      <input type="hidden" name="provider" value={id} />
      <input type="hidden" name="process" value="login" />
      <input type="hidden" name="callback_url" value={new URL(callback, window.location.origin).href} />
      <input type="hidden" name="csrfmiddlewaretoken" value={csrfToken()} />
      <Button type="submit" variant="default" fullWidth leftSection={<IconBuilding size={16} aria-hidden />}>
        {t.provider({ name })}
      </Button>
    </form>
  ));
}
