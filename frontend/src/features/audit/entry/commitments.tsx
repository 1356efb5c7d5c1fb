import { IconEraser, IconEye, IconLock } from '@tabler/icons-react';

import { Copyable } from '@/components/copyable';
import { Section } from '@/components/page';
import { StateBadge, type Look } from '@/components/state-badge';
import type { AuditEntry } from '@/lib/api';
import { useMe } from '@/lib/session';
import { visible, visibleName } from '@/lib/visible';
import { audit } from '@/locales';

import classes from './entry.module.css';
import { Fact, FactsList } from './facts-list';

const t = audit.one;
const LOOKS = {
  open: { tone: 'good', icon: IconEye },
  closed: { tone: 'quiet', icon: IconLock },
  erased: { tone: 'wait', icon: IconEraser },
} as const satisfies Record<string, Look>;

/** What commits to contents that the entry does not have: personal fields beside it, and what lies elsewhere. */
export function Commitments({ entry }: { entry: AuditEntry }) {
  const sealed = Object.entries(entry.sealed);
  // The platform opens all of them for the project's auditors, but those whose key is destroyed.
  const reads = useMe().projects.some(({ id, roles }) => id === entry.project && roles.includes('auditor'));
  const commitments = Object.entries(entry.commitments);
  return (
    <>
      {sealed.length ? (
        <Section title={t.sealed} lead={t.sealedLead}>
          {sealed.map(([name, told]) => (
            <SealedField key={name} name={name} told={told} opened={entry.payload?.[name]} reads={reads} />
          ))}
        </Section>
      ) : null}
      {commitments.length ? (
        <Section title={t.commitments} lead={t.commitmentsLead}>
          <FactsList>
            {commitments.map(([name, commitment]) => (
              <Fact key={name} name={visibleName(name)}>
                <Copyable text={commitment} name={visibleName(name)} />
              </Fact>
            ))}
          </FactsList>
        </Section>
      ) : null}
    </>
  );
}

interface SealedFieldProps {
  name: string;
  told: unknown;
  /** What was sealed, where the person may read it. */
  opened: string | undefined;
  /** Whether the person reads every field that still opens: one that does not is erased. */
  reads: boolean;
}

function SealedField({ name, told, opened, reads }: SealedFieldProps) {
  const { commitment, digest, key } = (told ?? {}) as Record<string, unknown>;
  const state = opened === undefined ? (reads ? 'erased' : 'closed') : 'open';
  const [word, sentence] = t.fields[state];
  const parts = [
    [t.commitment, commitment],
    [t.digest, digest],
    [t.key, key],
  ] as const;
  return (
    <div className={classes.sealed}>
      <h3 className={classes.field}>
        {visibleName(name).replace(/_/g, ' ')}{' '}
        <StateBadge look={LOOKS[state]} word={word} sentence={sentence} size="sm" />
      </h3>
      {opened === undefined ? null : <p className={classes.opened}>{visible(opened)}</p>}
      <FactsList>
        {parts.map(([part, value]) =>
          typeof value === 'string' ? (
            <Fact key={part} name={part}>
              <Copyable text={value} name={part} />
            </Fact>
          ) : null,
        )}
      </FactsList>
    </div>
  );
}
