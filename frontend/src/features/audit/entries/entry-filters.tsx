import { Menu } from '@mantine/core';

import { FilterBar, FilterMenu, Option, SearchField, TimeFilter } from '@/components/filters';
import { own } from '@/lib/own';
import type { Membership } from '@/lib/session';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

import { EventPicker } from '../event-picker';
import { isKnown } from '../events';
import { isFiltered } from '../question';
import { NO_FILTER, type AuditSearch } from '../search';
import { TypedFilter } from './typed-filter';

const t = audit.filters;

interface EntryFiltersProps {
  search: AuditSearch;
  /** The project that is looked at, by the address or by the side bar's switch. */
  project: string | null;
  projects: readonly Membership[];
  onSearch: (change: AuditSearch) => void;
}

/** What the entries are cut down to. All of it is in the address. */
export function EntryFilters({ search, project, projects, onSearch }: EntryFiltersProps) {
  return (
    <FilterBar
      search={
        <SearchField label={audit.searchText} value={search.text ?? ''} onSearch={(text) => onSearch({ text })} />
      }
      onClear={isFiltered(search) ? () => onSearch(NO_FILTER) : undefined}
    >
      <EventPicker
        name={t.event}
        chosen={search.event && isKnown(search.event) ? [search.event] : []}
        onChoose={([event]) => onSearch({ event })}
      />
      <OutcomeFilter search={search} onSearch={onSearch} />
      {projects.length > 1 ? <ProjectFilter project={project} projects={projects} onSearch={onSearch} /> : null}
      <TimeFilter search={search} onSearch={onSearch} />
      <TypedFilter key={JSON.stringify(search)} search={search} onSearch={onSearch} />
    </FilterBar>
  );
}

type Part = Pick<EntryFiltersProps, 'search' | 'onSearch'>;

function OutcomeFilter({ search, onSearch }: Part) {
  const { outcome } = search;
  const words = (each: string) => own(audit.outcomes, each) ?? visibleName(each);
  return (
    <FilterMenu name={t.outcome} value={outcome ? words(outcome) : null}>
      <Option chosen={!outcome} onPick={() => onSearch({ outcome: undefined })}>
        {t.anyOutcome}
      </Option>
      <Menu.Divider />
      {Object.keys(audit.outcomes).map((each) => (
        <Option key={each} chosen={each === outcome} onPick={() => onSearch({ outcome: each })}>
          {words(each)}
        </Option>
      ))}
    </FilterMenu>
  );
}

function ProjectFilter({ project, projects, onSearch }: Omit<EntryFiltersProps, 'search'>) {
  return (
    <FilterMenu name={t.project} value={projects.find(({ id }) => id === project)?.name ?? null}>
      <Option chosen={!project} onPick={() => onSearch({ project: 'all' })}>
        {t.allProjects}
      </Option>
      <Menu.Divider />
      {projects.map((each) => (
        <Option key={each.id} chosen={each.id === project} onPick={() => onSearch({ project: each.id })}>
          {each.name}
        </Option>
      ))}
    </FilterMenu>
  );
}
