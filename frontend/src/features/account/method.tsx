import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';

import { Tag } from '@/components/state-badge';
import { RelativeTime } from '@/components/time';
import { account } from '@/locales';

import classes from './account.module.css';

const t = account.twoStep;

interface MethodProps {
  icon: Icon;
  name: string;
  detail?: ReactNode;
  /** Seconds since 1970. */
  added?: number | undefined;
  used?: number | null | undefined;
  /** Whether it is in use; says nothing when it cannot be off. */
  on?: boolean;
  action?: ReactNode;
}

/** One way to prove who one is. */
export function Method({ icon: Icon, name, detail, added, used, on, action }: MethodProps) {
  return (
    <div className={classes.method}>
      <Icon size={20} stroke={1.75} aria-hidden />
      <div className={classes.methodText}>
        <div className={classes.rowName}>
          {name} {on === undefined ? null : <Tag tone={on ? 'good' : 'quiet'}>{on ? t.on : t.off}</Tag>}
        </div>
        {detail ? <div className={classes.quiet}>{detail}</div> : null}
        {added ? (
          <div className={classes.quiet}>
            {t.added} <RelativeTime at={iso(added)} />
            {' · '}
            {used ? (
              <>
                {t.used} <RelativeTime at={iso(used)} />
              </>
            ) : (
              t.never
            )}
          </div>
        ) : null}
      </div>
      {action}
    </div>
  );
}

function iso(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
