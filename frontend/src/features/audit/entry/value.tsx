import { Copyable } from '@/components/copyable';
import { count } from '@/lib/format';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

import classes from './entry.module.css';

const t = audit.one;
// Digests and ids: nobody reads them, and they are copied whole.
const ID = /^(?:sha256:)?[0-9a-f-]{32,}$/;

/** A fact as the entry has it. */
export function Value({ name, value }: { name: string; value: unknown }) {
  if (value === null || value === '') return <span className={classes.muted}>{t.nothing}</span>;
  if (typeof value === 'boolean') return value ? t.yes : t.no;
  if (typeof value === 'number') return count(value);
  if (typeof value === 'string') {
    return ID.test(value) ? <Copyable text={value} name={visibleName(name)} /> : visibleName(value);
  }
  if (Array.isArray(value)) {
    if (!value.length) return <span className={classes.muted}>{t.nothing}</span>;
    return (
      <ul className={classes.values}>
        {value.map((each: unknown, at) => (
          <li key={at}>
            <Value name={name} value={each} />
          </li>
        ))}
      </ul>
    );
  }
  return <code className={classes.code}>{visibleName(JSON.stringify(value))}</code>;
}
