import { Button } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';

import { ErrorState, Loading } from '@/components/feedback';
import { audit } from '@/locales';

import { eventWords } from '../events';
import { AuditFrame } from '../frame';
import { ProofSection } from '../proof/proof-section';
import { entryQuery } from '../queries';
import { subjectWords } from '../words';
import { Commitments } from './commitments';
import { Exact } from './exact';
import { EntryFacts } from './entry-facts';

const t = audit.one;

/** One entry: what it says, and the proof that it stands in the log. */
export function EntryPage() {
  const { entryId } = useParams({ from: '/signed-in/audit/entries/$entryId' });
  const query = useQuery(entryQuery(entryId));
  const entry = query.data;
  return (
    <AuditFrame
      title={entry ? eventWords(entry.event) : audit.title}
      lead={entry ? subjectWords(entry.subject) : undefined}
      actions={
        <Button
          component={Link}
          to="/audit"
          variant="default"
          size="xs"
          leftSection={<IconArrowLeft size={14} aria-hidden />}
        >
          {t.back}
        </Button>
      }
    >
      {query.isPending ? <Loading name={t.asked} rows={8} /> : null}
      {query.error && !entry ? (
        <ErrorState error={query.error} asked={t.asked} onRetry={() => void query.refetch()} />
      ) : null}
      {entry ? (
        <>
          <EntryFacts entry={entry} />
          <ProofSection entry={entry} />
          <Commitments entry={entry} />
          <Exact entry={entry} />
        </>
      ) : null}
    </AuditFrame>
  );
}
