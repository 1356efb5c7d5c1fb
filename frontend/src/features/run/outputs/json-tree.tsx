import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { clsx } from 'clsx';
import { useState } from 'react';

import { run } from '@/locales';

import { visible, visibleName } from '@/lib/visible';
import classes from './outputs.module.css';

const t = run.json;
const FIRST = 100;
const MOST_CHARACTERS = 2_000;

/** Any JSON as a tree that opens branch by branch; only what is open is in the document. */
export function JsonTree({ value, label }: { value: unknown; label: string }) {
  return (
    <div className={classes.json} role="group" aria-label={label}>
      <Node name={null} value={value} depth={0} />
    </div>
  );
}

function Node({ name, value, depth }: { name: string | null; value: unknown; depth: number }) {
  const [open, setOpen] = useState(depth === 0);
  const [most, setMost] = useState(FIRST);
  if (typeof value !== 'object' || value === null) {
    return (
      <div className={classes.leaf}>
        <Name name={name} />
        <Leaf value={value} />
      </div>
    );
  }
  const list = Array.isArray(value);
  const entries: [string, unknown][] = Object.entries(value);
  return (
    <div>
      <UnstyledButton className={classes.branch} aria-expanded={open} onClick={() => setOpen(!open)}>
        <IconChevronRight size={13} className={clsx(classes.chevron, open && classes.open)} aria-hidden />
        <Name name={name} />
        <span className={classes.size}>{list ? t.items({ n: entries.length }) : t.keys({ n: entries.length })}</span>
      </UnstyledButton>
      {open ? (
        <div className={classes.children}>
          {entries.slice(0, most).map(([key, inner]) => (
            <Node key={key} name={key} value={inner} depth={depth + 1} />
          ))}
          {entries.length > most ? (
            <UnstyledButton className={classes.more} onClick={() => setMost(most + 10 * FIRST)}>
              {t.more({ n: entries.length - most })}
            </UnstyledButton>
          ) : null}
        </div>
      ) : null}
    </div>
  );
}

function Name({ name }: { name: string | null }) {
  if (name === null) return null;
  return (
    <>
      <bdi className={classes.key}>{visibleName(name).slice(0, MOST_CHARACTERS)}</bdi>
      <span className={classes.colon}>:</span>{' '}
    </>
  );
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value === 'string') {
    const cut = value.length > MOST_CHARACTERS;
    return (
      <bdi className={classes.string}>
        {JSON.stringify(visible(value.slice(0, MOST_CHARACTERS)))}
        {cut ? '…' : ''}
      </bdi>
    );
  }
  return <span className={classes.literal}>{String(value)}</span>;
}
