import { IconHourglass, IconLockOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Empty, ErrorState, Loading, Partial } from '@/components/feedback';
import { Section } from '@/components/page';
import type { AuditEntry } from '@/lib/api';
import { useStore } from '@/lib/store';
import { audit } from '@/locales';

import { isNotSigned, keysQuery, proofQuery } from '../queries';
import { canVerify } from '../verify/verify';
import { Checks } from './checks';
import { ProofDrawing } from './drawing';
import { KeyChoice } from './key-choice';
import { pastedKeys, trustsPasted } from './keys';
import { Outside } from './outside';
import classes from './proof.module.css';
import { spoiled } from './spoil';
import { ProofTools, type OwnFile } from './tools';
import { useVerdict } from './use-verdict';

const t = audit.proof;

/** The proof of an entry: fetched, checked in this browser, and drawn. */
export function ProofSection({ entry }: { entry: AuditEntry }) {
  const proof = useQuery(proofQuery(entry.id));
  return (
    <Section title={t.title} lead={t.lead}>
      {proof.data === undefined ? (
        <NotYet error={proof.error} onRetry={() => void proof.refetch()} />
      ) : (
        <Checked entry={entry} file={proof.data} />
      )}
    </Section>
  );
}

function NotYet({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (!error) return <Loading name={t.asked} rows={6} />;
  if (!isNotSigned(error)) return <ErrorState error={error} asked={t.asked} onRetry={onRetry} />;
  return (
    <Empty icon={IconHourglass} title={t.waits} size="part">
      {t.waitsHint}
    </Empty>
  );
}

function Checked({ entry, file }: { entry: AuditEntry; file: string }) {
  const [spoil, setSpoil] = useState(false);
  const [own, setOwn] = useState<OwnFile | null>(null);
  const listed = useQuery(keysQuery);
  const pasted = useStore(pastedKeys);
  const source = useStore(trustsPasted) ? 'pasted' : 'listed';
  const taken = own?.text ?? file;
  const keys = source === 'pasted' ? pasted : (listed.data ?? (listed.error ? '' : undefined));
  const checked = useVerdict({ entry, file: spoil ? spoiled(taken) : taken, keys, source });
  if (!canVerify()) {
    return (
      <>
        <Empty icon={IconLockOff} title={t.noCrypto} size="part">
          {t.noCryptoHint}
        </Empty>
        <Outside />
      </>
    );
  }
  return (
    <div className={classes.columns}>
      <div className={classes.side}>
        {checked ? <Checks {...checked} spoiled={spoil} /> : <Loading name={t.working} rows={6} />}
        {source === 'listed' && listed.error ? (
          <Partial title={t.keys.failed} onRetry={() => void listed.refetch()} />
        ) : null}
        <KeyChoice source={source} badLines={checked?.badLines ?? []} />
        <ProofTools entry={entry} file={file} own={own} onOwn={setOwn} spoil={spoil} onSpoil={setSpoil} />
        <Outside />
      </div>
      <div className={classes.drawing}>
        <h3 className={classes.heading}>{t.drawing.title}</h3>
        {checked ? <ProofDrawing verdict={checked.verdict} /> : null}
      </div>
    </div>
  );
}
