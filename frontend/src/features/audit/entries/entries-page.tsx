import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { focusSearch } from '@/components/filters';
import { useSlowClock } from '@/lib/clock';
import { useCommands } from '@/lib/commands';
import { logsRead, useMe, useProjects } from '@/lib/session';
import { audit as t } from '@/locales';

import { AuditFrame } from '../frame';
import { entriesQuery } from '../queries';
import { projectOf, questionOf } from '../question';
import { auditSearch, type AuditSearch } from '../search';
import { EntriesTable, focusFirstEntry } from './entries-table';
import { EntryFilters } from './entry-filters';

/** The log's entries, cut down to what the address says. */
export function EntriesPage() {
  const search = useSearch({ from: '/signed-in/audit' });
  const navigate = useNavigate({ from: '/audit' });
  const read = logsRead(useMe());
  const switchedTo = useSwitchedTo();
  const list = useInfiniteQuery(entriesQuery(questionOf(search, switchedTo, useSlowClock())));
  const onSearch = (change: AuditSearch) =>
    void navigate({ search: (before) => auditSearch({ ...before, ...change }), replace: true, resetScroll: false });
  useCommands([
    { id: 'audit:search', title: t.searchCommand, section: t.section, keys: '/', run: focusSearch },
    { id: 'audit:first', title: t.firstEntry, section: t.section, keys: 'j', run: focusFirstEntry },
    { id: 'audit:again', title: t.refresh, section: t.section, icon: IconRefresh, run: () => void list.refetch() },
  ]);
  const project = projectOf(search, switchedTo);
  return (
    <AuditFrame
      title={t.title}
      lead={t.lead}
      actions={
        <Button
          variant="default"
          size="xs"
          leftSection={<IconRefresh size={14} aria-hidden />}
          loading={list.isRefetching}
          onClick={() => void list.refetch()}
        >
          {t.refresh}
        </Button>
      }
    >
      <EntryFilters search={search} project={project} projects={read} onSearch={onSearch} />
      <EntriesTable query={list} search={search} onSearch={onSearch} manyProjects={!project && read.length > 1} />
    </AuditFrame>
  );
}

/** The project of the side bar, where its log is one that the person reads. */
function useSwitchedTo(): string | null {
  const { current } = useProjects();
  const read = logsRead(useMe());
  return read.find(({ id }) => id === current?.id)?.id ?? null;
}
