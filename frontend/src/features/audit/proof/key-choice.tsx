import { Radio, Textarea } from '@mantine/core';

import { useStore } from '@/lib/store';
import { audit } from '@/locales';

import type { KeySource } from '../verify/verify';
import { pastedKeys, trustsPasted } from './keys';
import classes from './proof.module.css';

const t = audit.proof.keys;

/** Whose word is taken for the log's key. */
export function KeyChoice({ source, badLines }: { source: KeySource; badLines: readonly number[] }) {
  const text = useStore(pastedKeys);
  return (
    <div className={classes.keys}>
      <Radio.Group label={t.title} value={source} onChange={(chosen) => trustsPasted.set(chosen === 'pasted')}>
        <div className={classes.choices}>
          <Radio size="sm" value="listed" label={t.listed} />
          <Radio size="sm" value="pasted" label={t.pasted} />
        </div>
      </Radio.Group>
      {source === 'pasted' ? (
        <Textarea
          label={t.field}
          placeholder={t.placeholder}
          classNames={{ input: classes.keyText ?? '' }}
          rows={4}
          spellCheck={false}
          autoComplete="off"
          value={text}
          error={badLines.length ? t.bad({ lines: badLines.map((n) => t.line({ n })).join(', ') }) : undefined}
          onChange={(event) => pastedKeys.set(event.currentTarget.value)}
        />
      ) : null}
    </div>
  );
}
