import { IconCheck, IconEraser, IconLoader2 } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';

import { Copyable } from '@/components/copyable';
import { Empty } from '@/components/feedback';
import { StateBadge, type Look } from '@/components/state-badge';
import { KeysetTable, type Column } from '@/components/table';
import { RelativeTime } from '@/components/time';
import type { Erasure, ErasureStateEnum } from '@/lib/api';
import { plural } from '@/lib/format';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

import rows from '../rows.module.css';
import { erasuresQuery } from './queries';

const t = audit.holds.erasures;
const LOOKS: Record<ErasureStateEnum, Look> = {
  erasing: { tone: 'info', icon: IconLoader2, moving: true },
  done: { tone: 'quiet', icon: IconCheck },
};

/** Who was erased, under the name that the log still has for them. */
export function ErasureList({ project }: { project: string | null }) {
  const query = useInfiniteQuery(erasuresQuery(project));
  return (
    <KeysetTable
      label={t.title}
      nouns={[t.one, t.many]}
      query={query}
      columns={columns()}
      rowKey={({ id }) => id}
      rowHeight={54}
      narrowHeight={116}
      narrow={(erasure) => (
        <div className={rows.narrow}>
          <div className={rows.line}>
            <Copyable text={erasure.subject} name={t.columns.who} />
            <State erasure={erasure} />
          </div>
          <span className={rows.muted}>{visibleName(erasure.reason)}</span>
          <div className={rows.line}>
            <Gone erasure={erasure} />
            <RelativeTime at={erasure.created_at} />
          </div>
        </div>
      )}
      empty={
        <Empty icon={IconEraser} title={t.none} size="part">
          {t.noneHint}
        </Empty>
      }
    />
  );
}

function columns(): Column<Erasure>[] {
  const { who, reason, state, gone, at } = t.columns;
  return [
    {
      key: 'who',
      header: who,
      width: 'minmax(7rem, 1fr)',
      cell: ({ subject }) => <Copyable text={subject} name={who} />,
    },
    { key: 'reason', header: reason, width: 'minmax(5rem, 2fr)', cell: (one) => visibleName(one.reason) },
    { key: 'state', header: state, width: '7.5rem', cell: (one) => <State erasure={one} /> },
    { key: 'gone', header: gone, width: 'minmax(6rem, 1fr)', cell: (one) => <Gone erasure={one} /> },
    { key: 'at', header: at, width: '7.5rem', align: 'end', cell: (one) => <RelativeTime at={one.created_at} /> },
  ];
}

function State({ erasure: { state } }: { erasure: Erasure }) {
  const [word, sentence] = t.states[state];
  return <StateBadge look={LOOKS[state]} word={word} sentence={sentence} variant="plain" size="sm" />;
}

function Gone({ erasure: { erased_keys: keys, contents } }: { erasure: Erasure }) {
  return (
    <span className={rows.muted}>
      {t.gone({ keys: plural(keys.length, t.key, t.keys), contents: plural(contents, t.content, t.contents) })}
    </span>
  );
}
