import { ActionIcon, Button, Modal, Tooltip } from '@mantine/core';
import { IconCertificate, IconCircleCheck, IconClockHour4, IconDownload } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { CopyButton } from '@/components/copyable';
import { Refusal } from '@/components/refusal';
import { StateBadge } from '@/components/state-badge';
import type { OfferedReceipt } from '@/lib/api';
import { download } from '@/lib/save';
import { run } from '@/locales';

import { executionQuery } from '../queries';
import classes from './receipt.module.css';

const t = run.receipt;
// Each look asks the platform anew what may be shown: often at first, then seldom.
const SOON_MS = 1_000;
const SELDOM_MS = 30_000;

interface ReceiptProps {
  runId: string;
  number: number;
  offered: OfferedReceipt;
}

/** Opens what there is to say about a cell's receipt, and the way to get it. */
export function Receipt({ runId, number, offered }: ReceiptProps) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Tooltip label={offered.state === 'available' ? t.open : t.openWaiting}>
        <ActionIcon size="sm" aria-label={t.openNamed({ number })} onClick={() => setOpened(true)}>
          <IconCertificate size={15} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Modal opened={opened} onClose={() => setOpened(false)} title={t.title({ number })} size="lg">
        <ReceiptDialog runId={runId} number={number} offered={offered} />
      </Modal>
    </>
  );
}

/** What a receipt proves and what it does not, whether it is there yet, how to check it, and a download. */
export function ReceiptDialog({ runId, number, offered }: ReceiptProps) {
  const waiting = offered.state === 'waiting';
  useQuery({
    ...executionQuery(runId, number),
    enabled: waiting,
    refetchInterval: ({ state }) => Math.min(SOON_MS * 2 ** state.dataUpdateCount, SELDOM_MS),
  });
  const name = `run-${runId}-${number}.receipt`;
  const save = useMutation({ mutationFn: () => download(offered.href, name) });
  const command = t.command({ name });
  return (
    <div className={classes.dialog}>
      <p className={classes.lead}>{t.lead}</p>
      <div className={classes.standing} role="status">
        <StateBadge
          look={waiting ? { icon: IconClockHour4, tone: 'wait' } : { icon: IconCircleCheck, tone: 'good' }}
          word={waiting ? t.waiting : t.available}
        />
        <span>{waiting ? t.waitingText : t.availableText}</span>
      </div>
      <div className={classes.claims}>
        <Claims title={t.proves} claims={t.proved} />
        <Claims title={t.doesNotProve} claims={t.notProved} />
      </div>
      <div>
        <h3 className={classes.title}>{t.check}</h3>
        <p className={classes.lead}>{t.checkText}</p>
        <div className={classes.command}>
          <code>{command}</code>
          <CopyButton text={command} name={t.commandName} />
        </div>
      </div>
      {save.isError ? <Refusal error={save.error} asked={t.asked({ number })} onRetry={() => save.mutate()} /> : null}
      <Button
        className={classes.download ?? ''}
        leftSection={<IconDownload size={16} aria-hidden />}
        loading={save.isPending}
        disabled={waiting}
        onClick={() => save.mutate()}
      >
        {t.download}
      </Button>
    </div>
  );
}

function Claims({ title, claims }: { title: string; claims: readonly string[] }) {
  return (
    <section>
      <h3 className={classes.title}>{title}</h3>
      <ul className={classes.list}>
        {claims.map((claim) => (
          <li key={claim}>{claim}</li>
        ))}
      </ul>
    </section>
  );
}
