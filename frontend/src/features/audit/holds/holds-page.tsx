import { IconGavel } from '@tabler/icons-react';

import { Empty } from '@/components/feedback';
import { Section } from '@/components/page';
import { logsRead, useMe, useProjects } from '@/lib/session';
import { audit } from '@/locales';

import { AuditFrame } from '../frame';
import { EraseForm } from './erase-form';
import { ErasureList } from './erasure-list';
import { HoldForm } from './hold-form';
import { HoldList } from './hold-list';
import { Periods } from './periods';

const t = audit.holds;

/** What must be kept, who was erased, and how long everything else is kept. */
export function HoldsPage() {
  const read = logsRead(useMe());
  const { current } = useProjects();
  const chosen = read.find(({ id }) => id === current?.id)?.id ?? null;
  const audited = read.filter(({ roles }) => roles.includes('auditor'));
  const erases = read.some(({ roles }) => roles.includes('platform_admin'));
  if (!read.length) {
    return (
      <AuditFrame title={t.title} lead={t.lead}>
        <Empty icon={IconGavel} title={t.notForYou}>
          {t.notForYouHint}
        </Empty>
      </AuditFrame>
    );
  }
  return (
    <AuditFrame title={t.title} lead={t.lead}>
      <Periods />
      <Section title={t.list} lead={t.listLead}>
        <HoldList project={chosen} projects={read} mayLift={audited.map(({ id }) => id)} />
        {audited.length ? <HoldForm projects={audited} chosen={chosen} /> : null}
      </Section>
      <Section title={t.erasures.title} lead={t.erasures.lead}>
        <ErasureList project={chosen} />
        {erases ? <EraseForm /> : null}
      </Section>
    </AuditFrame>
  );
}
