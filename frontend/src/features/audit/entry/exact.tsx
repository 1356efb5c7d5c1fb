import { CopyButton } from '@/components/copyable';
import { Section } from '@/components/page';
import type { AuditEntry } from '@/lib/api';
import { visible } from '@/lib/visible';
import { audit } from '@/locales';

import classes from './entry.module.css';

const t = audit.one;

/** The bytes that are hashed. */
export function Exact({ entry: { header } }: { entry: AuditEntry }) {
  return (
    <Section title={t.exact} lead={t.exactLead} actions={<CopyButton text={header} name={t.copyExact} />}>
      <pre className={classes.exact}>{visible(header)}</pre>
    </Section>
  );
}
