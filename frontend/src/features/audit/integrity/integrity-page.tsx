import { IconShieldOff } from '@tabler/icons-react';

import { Empty } from '@/components/feedback';
import { Section } from '@/components/page';
import { logsRead, useMe, useProjects } from '@/lib/session';
import { audit } from '@/locales';

import { AuditFrame } from '../frame';
import classes from './integrity.module.css';
import { LogCard } from './log-card';

const t = audit.integrity;

/** How each log stands now, by the platform's own word; and how to have it proved by nobody's. */
export function IntegrityPage() {
  const me = useMe();
  const { current } = useProjects();
  const read = logsRead(me);
  const shown = read.filter(({ id }) => !current || id === current.id);
  const admin = read.some(({ roles }) => roles.includes('platform_admin'));
  return (
    <AuditFrame title={t.title} lead={t.lead}>
      <div className={classes.logs}>
        {shown.map(({ id, name }) => (
          <LogCard key={id} project={id} name={name} />
        ))}
        {admin ? <LogCard project={null} name={t.platform} /> : null}
      </div>
      {shown.length || admin ? null : (
        <Empty icon={IconShieldOff} title={t.none}>
          {t.noneHint}
        </Empty>
      )}
      <Section title={t.outside.title} lead={t.outside.lead}>
        <ol className={classes.steps}>
          {t.outside.steps.map(([title, text]) => (
            <li key={title}>
              <strong>{title}</strong> {text}
            </li>
          ))}
        </ol>
      </Section>
    </AuditFrame>
  );
}
