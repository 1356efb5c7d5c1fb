import { Button } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';

import { CopyButton } from '@/components/copyable';
import { Section } from '@/components/page';
import { audit } from '@/locales';

import classes from './exports.module.css';

const t = audit.exports.verify;
const KEYS = '/api/v1/audit/keys';

/** The six lines that verify a bundle on another machine. */
export function HowToVerify() {
  return (
    <Section
      title={t.title}
      lead={t.lead}
      actions={
        <>
          <Button
            component="a"
            href={KEYS}
            download="keys"
            size="xs"
            variant="default"
            leftSection={<IconKey size={14} aria-hidden />}
            title={t.keysHint}
          >
            {t.keys}
          </Button>
          <CopyButton text={t.lines.join('\n')} name={t.copy} />
        </>
      }
    >
      <pre className={classes.lines}>
        {t.lines.map((line) => (
          <code key={line}>{`${line}\n`}</code>
        ))}
      </pre>
      <dl className={classes.results}>
        {t.results.map(([word, meaning]) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
