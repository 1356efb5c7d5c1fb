import { Button } from '@mantine/core';
import { IconAlertOctagon, IconCheck, IconClock, IconDownload, IconLoader2, IconPackageOff } from '@tabler/icons-react';
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';

import { Copyable } from '@/components/copyable';
import { Empty } from '@/components/feedback';
import { StateBadge, type Look } from '@/components/state-badge';
import { KeysetTable, type Column } from '@/components/table';
import { RelativeTime } from '@/components/time';
import type { Export, ExportStateEnum } from '@/lib/api';
import { bytes, count } from '@/lib/format';
import type { Membership } from '@/lib/session';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

import { eventWords, kindsWords } from '../events';
import rows from '../rows.module.css';
import classes from './exports.module.css';
import { bundleAddress } from './queries';

const t = audit.exports;

const LOOKS: Record<ExportStateEnum, Look> = {
  queued: { tone: 'info', icon: IconClock },
  making: { tone: 'info', icon: IconLoader2, moving: true },
  ready: { tone: 'good', icon: IconCheck },
  failed: { tone: 'bad', icon: IconAlertOctagon },
};

interface ExportListProps {
  query: UseInfiniteQueryResult<InfiniteData<{ results: Export[] }>>;
  projects: readonly Membership[];
}

/** Bundles that were asked for, newest first. */
export function ExportList({ query, projects }: ExportListProps) {
  const nameOf = (export_: Export) => projects.find(({ id }) => id === export_.project)?.name ?? '';
  return (
    <KeysetTable
      label={t.list}
      nouns={[t.one, t.many]}
      query={query}
      columns={columns(nameOf)}
      rowKey={({ id }) => id}
      rowHeight={54}
      narrowHeight={116}
      narrow={(export_) => <NarrowRow export_={export_} name={nameOf(export_)} />}
      empty={
        <Empty icon={IconPackageOff} title={t.none} size="part">
          {t.noneHint}
        </Empty>
      }
    />
  );
}

function columns(nameOf: (export_: Export) => string): Column<Export>[] {
  const { state, range, project, size, digest, asked, take } = t.columns;
  return [
    { key: 'state', header: state, width: '8.5rem', cell: (one) => <State export_={one} /> },
    { key: 'range', header: range, width: 'minmax(5rem, 1fr)', cell: (one) => <Range export_={one} /> },
    {
      key: 'project',
      header: project,
      width: 'minmax(0, 1fr)',
      cell: (one) => <span className={rows.muted}>{nameOf(one)}</span>,
    },
    { key: 'size', header: size, width: '4.5rem', align: 'end', cell: (one) => sizeWords(one) },
    { key: 'digest', header: digest, width: 'minmax(0, 8rem)', cell: (one) => <Digest export_={one} /> },
    { key: 'asked', header: asked, width: '7.5rem', align: 'end', cell: (one) => <RelativeTime at={one.created_at} /> },
    { key: 'take', header: take, width: '7.5rem', align: 'end', cell: (one) => <Take export_={one} /> },
  ];
}

function NarrowRow({ export_, name }: { export_: Export; name: string }) {
  return (
    <div className={rows.narrow}>
      <div className={rows.line}>
        <State export_={export_} />
        <RelativeTime at={export_.created_at} />
      </div>
      <div className={rows.line}>
        <Range export_={export_} />
        <span className={rows.muted}>{name}</span>
      </div>
      <div className={rows.line}>
        <Digest export_={export_} />
        <Take export_={export_} />
      </div>
    </div>
  );
}

function State({ export_: { state, progress, failure } }: { export_: Export }) {
  const [word, sentence] = t.states[state];
  return (
    <div className={classes.state}>
      <StateBadge look={LOOKS[state]} word={word} sentence={sentence} variant="plain" size="sm" />
      {state === 'making' ? (
        <progress className={classes.progress} max={1} value={progress} aria-label={t.progress} />
      ) : null}
      {state === 'failed' ? <code className={rows.muted}>{visibleName(failure)}</code> : null}
    </div>
  );
}

/** Which entries, and of which kinds they are opened. */
function Range({ export_ }: { export_: Export }) {
  const kinds = export_.filter.events ?? [];
  return (
    <div className={rows.stacked}>
      <span>{rangeWords(export_)}</span>
      {kinds.length ? (
        <span className={rows.note} title={kinds.map(eventWords).join('\n')}>
          {t.opened({ kinds: kindsWords(kinds) ?? '' })}
        </span>
      ) : null}
    </div>
  );
}

function Digest({ export_: { sha256 } }: { export_: Export }) {
  return sha256 ? <Copyable text={sha256} name={t.digest} /> : null;
}

function Take({ export_ }: { export_: Export }) {
  if (export_.state !== 'ready') return null;
  return (
    <Button
      component="a"
      href={bundleAddress(export_)}
      download
      size="compact-sm"
      variant="default"
      leftSection={<IconDownload size={14} aria-hidden />}
      aria-label={t.downloadOne({ range: rangeWords(export_) })}
    >
      {t.download}
    </Button>
  );
}

function rangeWords({ from, to }: Pick<Export, 'from' | 'to'>): string {
  if (to === null) return from === 0 ? t.everything : t.since({ first: count(from) });
  return to > from ? t.entries({ first: count(from), last: count(to - 1) }) : t.nothing;
}

function sizeWords({ size }: Pick<Export, 'size'>): string {
  return typeof size === 'number' ? bytes(size) : '';
}
