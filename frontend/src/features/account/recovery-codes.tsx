import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconLifebuoy } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';

import { Section } from '@/components/page';
import { Refusal } from '@/components/refusal';
import { allauth } from '@/lib/allauth';
import { copyText } from '@/lib/clipboard';
import { toast } from '@/lib/toasts';
import { account, components } from '@/locales';
import { useFocusBack } from '@/lib/focus';

import classes from './account.module.css';
import { Confirm } from './confirm';
import { Method } from './method';
import { authenticatorsQuery, useRefreshAuthenticators } from './queries';
import type { Perform } from './security';

const t = account.codes;
const PATH = 'account/authenticators/recovery-codes';

/** There as soon as there is anything to recover from. */
export function RecoveryCodes({ perform }: { perform: Perform }) {
  const known = useQuery(authenticatorsQuery);
  const refresh = useRefreshAuthenticators();
  const [codes, setCodes] = useState<string[] | null>(null);
  const [renewing, setRenewing] = useState(false);
  const fetchCodes = useMutation({
    mutationFn: (method: 'GET' | 'POST') => perform(() => allauth<{ unused_codes?: string[] }>(method, PATH)),
    onSuccess: async (answer) => {
      setRenewing(false);
      const shown = answer?.data?.unused_codes;
      setCodes(shown ?? null);
      if (answer && !shown) toast({ tone: 'wait', title: t.shownBefore });
      await refresh();
    },
    gcTime: 0,
  });
  const present = known.data?.find((one) => one.type === 'recovery_codes');
  // Made together with the first factor that is set up while this is shown: the one moment to show them unasked.
  const before = useRef(known.data ? Boolean(present) : null);
  const { mutate } = fetchCodes;
  useEffect(() => {
    if (before.current === false && present) mutate('GET');
    if (known.data) before.current = Boolean(present);
  }, [known.data, present, mutate]);
  if (!present) return null;
  const count = { n: present.unused_code_count, of: present.total_code_count };
  return (
    <Section title={t.title} lead={t.lead}>
      {fetchCodes.error ? <Refusal error={fetchCodes.error} asked={t.view} /> : null}
      <Method
        icon={IconLifebuoy}
        name={t.left(count)}
        action={
          <Group gap="xs">
            <Button size="xs" variant="default" onClick={() => fetchCodes.mutate('GET')}>
              {t.view}
            </Button>
            <Button size="xs" variant="default" onClick={() => setRenewing(true)}>
              {t.renew}
            </Button>
          </Group>
        }
      />
      <Confirm
        opened={renewing}
        title={t.renewTitle}
        lead={t.renewLead}
        verb={t.renew}
        busy={fetchCodes.isPending}
        onConfirm={() => fetchCodes.mutate('POST')}
        onClose={() => setRenewing(false)}
      />
      {codes ? <Codes codes={codes} onClose={() => setCodes(null)} /> : null}
    </Section>
  );
}

function Codes({ codes, onClose }: { codes: string[]; onClose: () => void }) {
  useFocusBack();
  const text = codes.join('\n');
  const copy = async () => {
    const copied = await copyText(text);
    toast(copied ? { tone: 'good', title: components.copied } : { tone: 'bad', title: components.copyFailed });
  };
  const download = () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' }));
    link.download = t.file;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <Modal opened onClose={onClose} title={t.title}>
      <Stack gap="md">
        <Text>{t.shown}</Text>
        <pre className={classes.codes}>{text}</pre>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => void copy()}>
            {t.copy}
          </Button>
          <Button variant="default" onClick={download}>
            {t.download}
          </Button>
          <Button onClick={onClose}>{t.done}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
