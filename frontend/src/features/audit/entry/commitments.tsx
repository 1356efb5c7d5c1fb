import { IconLock } from '@tabler/icons-react';

import { Copyable } from '@/components/copyable';
import { Section } from '@/components/page';
import { StateBadge } from '@/components/state-badge';
import type { AuditEntry } from '@/lib/api';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

import classes from './entry.module.css';
import { Fact, FactsList } from './facts-list';

const t = audit.one;

/** What commits to contents that the entry does not have: personal fields beside it, and what lies elsewhere. */
export function Commitments({ entry }: { entry: AuditEntry }) {
  const sealed = Object.entries(entry.sealed);
  const commitments = Object.entries(entry.commitments);
  return (
    <>
      {sealed.length ? (
        <Section title={t.sealed} lead={t.sealedLead}>
          {sealed.map(([name, told]) => (
            <SealedField key={name} name={name} told={told} />
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

function SealedField({ name, told }: { name: string; told: unknown }) {
  const { commitment, digest, key } = (told ?? {}) as Record<string, unknown>;
  const [word, sentence] = t.closed;
  const parts = [
    [t.commitment, commitment],
    [t.digest, digest],
    [t.key, key],
  ] as const;
  return (
    <div className={classes.sealed}>
      <h3 className={classes.field}>
        {visibleName(name).replace(/_/g, ' ')}{' '}
        <StateBadge look={{ tone: 'quiet', icon: IconLock }} word={word} sentence={sentence} size="sm" />
      </h3>
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
