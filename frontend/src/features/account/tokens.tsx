import { Button, Code, Modal, Stack, Text } from '@mantine/core';
import { IconApi, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { CopyButton } from '@/components/copyable';
import { Empty, ErrorState, Loading } from '@/components/feedback';
import { Section } from '@/components/page';
import { Tag } from '@/components/state-badge';
import { RelativeTime } from '@/components/time';
import { rows, type Token } from '@/lib/api';
import { toast } from '@/lib/toasts';
import { visibleName } from '@/lib/visible';
import { account } from '@/locales';

import classes from './account.module.css';
import { Confirm } from './confirm';
import { NewToken } from './new-token';
import { tokensQuery, useRevokeToken } from './queries';

const t = account.tokens;

export function Tokens() {
  const query = useInfiniteQuery(tokensQuery);
  const [creating, setCreating] = useState(false);
  const [secret, setSecret] = useState('');
  const [revoking, setRevoking] = useState<Token | null>(null);
  const tokens = rows(query.data);
  const create = (
    <Button size="xs" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setCreating(true)}>
      {t.create}
    </Button>
  );
  return (
    <Section title={t.title} lead={t.lead} actions={tokens.length ? create : null}>
      {query.isPending ? <Loading name={t.label} rows={3} height={60} /> : null}
      {query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.data && !tokens.length ? (
        <Empty icon={IconApi} title={t.none} action={create} size="part">
          {t.noneLead}
        </Empty>
      ) : null}
      <ul className={classes.rows} aria-label={t.label}>
        {tokens.map((token) => (
          <TokenRow key={token.id} token={token} onRevoke={() => setRevoking(token)} />
        ))}
      </ul>
      {query.hasNextPage ? (
        <Button variant="subtle" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t.more}
        </Button>
      ) : null}
      {creating ? (
        <NewToken
          onClose={() => setCreating(false)}
          onIssued={(token) => {
            setCreating(false);
            setSecret(token.token ?? '');
          }}
        />
      ) : null}
      {secret ? <ShownOnce secret={secret} onClose={() => setSecret('')} /> : null}
      <Revocation token={revoking} onClose={() => setRevoking(null)} />
    </Section>
  );
}

function TokenRow({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  const state = stateOf(token);
  const name = visibleName(token.name) || t.unnamed;
  return (
    <li className={classes.method} data-over={state !== 'active'}>
      <div className={classes.methodText}>
        <div className={classes.rowName}>
          {name} <Tag tone={state === 'active' ? 'good' : 'quiet'}>{t[state]}</Tag>{' '}
          {token.kind === 'model' ? <Tag tone="live">{visibleName(token.model_name)}</Tag> : null}
        </div>
        <div className={classes.quiet}>
          <code>{token.prefix}…</code>
          {' · '}
          {t.used} {token.last_used_at ? <RelativeTime at={token.last_used_at} /> : t.never}
          {' · '}
          {token.revoked_at ? t.revoked : state === 'expired' ? t.expired : t.expires}{' '}
          <RelativeTime at={token.revoked_at ?? token.expires_at} future={state === 'active'} />
        </div>
      </div>
      {state === 'active' ? (
        <Button size="xs" variant="default" aria-label={t.revokeNamed({ name })} onClick={onRevoke}>
          {t.revoke}
        </Button>
      ) : null}
    </li>
  );
}

function Revocation({ token, onClose }: { token: Token | null; onClose: () => void }) {
  const revoke = useRevokeToken();
  const confirm = () => {
    if (!token) return;
    revoke.mutate(token.id, {
      onSuccess: () => {
        onClose();
        toast({ tone: 'good', title: t.revokedToast });
      },
    });
  };
  return (
    <Confirm
      opened={token !== null}
      title={t.revokeTitle({ name: visibleName(token?.name ?? '') || t.unnamed })}
      lead={t.revokeLead}
      verb={t.revoke}
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={confirm}
      onClose={onClose}
    />
  );
}

function ShownOnce({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={t.once.title} closeOnClickOutside={false} closeOnEscape={false}>
      <Stack gap="md">
        <Text>{t.once.lead}</Text>
        <div className={classes.secret}>
          <Code>{secret}</Code>
          <CopyButton text={secret} name={t.once.secret} />
        </div>
        <Button ml="auto" onClick={onClose}>
          {t.once.done}
        </Button>
      </Stack>
    </Modal>
  );
}

function stateOf({ revoked_at, expires_at }: Token): 'active' | 'expired' | 'revoked' {
  if (revoked_at) return 'revoked';
  return Date.parse(expires_at) <= Date.now() ? 'expired' : 'active';
}
