import { useInfiniteQuery } from '@tanstack/react-query';

import { ErrorState, Loading } from '@/components/feedback';
import { Section } from '@/components/page';
import { useMe, useProjects } from '@/lib/session';
import { audit } from '@/locales';

import { AuditFrame } from '../frame';
import { exportsQuery } from './queries';
import { ExportForm } from './export-form';
import { ExportList } from './export-list';
import { HowToVerify } from './how-to-verify';

const t = audit.exports;

/** Evidence that leaves: ask for a bundle, see it made, take it away, verify it elsewhere. */
export function ExportsPage() {
  const audited = useMe().projects.filter(({ roles }) => roles.includes('auditor'));
  const { current } = useProjects();
  const chosen = audited.find(({ id }) => id === current?.id) ?? null;
  const list = useInfiniteQuery(exportsQuery(chosen?.id ?? null));
  if (list.isPending) {
    return (
      <AuditFrame title={t.title} lead={t.lead}>
        <Loading name={t.list} rows={8} height={54} />
      </AuditFrame>
    );
  }
  return (
    <AuditFrame title={t.title} lead={t.lead}>
      {list.data ? null : <ErrorState error={list.error} asked={t.asked} onRetry={() => void list.refetch()} />}
      <ExportForm projects={audited} chosen={chosen} />
      <Section title={t.history}>
        <ExportList query={list} projects={audited} />
      </Section>
      <HowToVerify />
    </AuditFrame>
  );
}
