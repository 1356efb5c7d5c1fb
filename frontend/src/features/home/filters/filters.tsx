import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { FilterBar, FilterMenu, Option, SearchField, TimeFilter } from '@/components/filters';
import { runLooks } from '@/components/state-badge';
import type { RunStateEnum } from '@/lib/api';
import type { Membership } from '@/lib/session';
import { home, states } from '@/locales';

import { ENDED, isFiltered, LIVE } from '../filter';
import { environmentsQuery } from '../queries';
import { NO_FILTER, statesIn, type RunsSearch } from '../search';
import classes from './filters.module.css';

const t = home.filters;

interface FiltersProps {
  search: RunsSearch;
  /** The project that is looked at, by the address or by the side bar's switch. */
  project: string | null;
  projects: readonly Membership[];
  onSearch: (change: RunsSearch) => void;
}

/** What the list is cut down to. All of it is in the address. */
export function Filters({ search, project, projects, onSearch }: FiltersProps) {
  return (
    <FilterBar
      search={<SearchField label={home.search} value={search.q ?? ''} onSearch={(q) => onSearch({ q })} />}
      onClear={isFiltered(search) ? () => onSearch(NO_FILTER) : undefined}
    >
      <StateFilter search={search} onSearch={onSearch} />
      {projects.length > 1 ? <ProjectFilter project={project} projects={projects} onSearch={onSearch} /> : null}
      <EnvironmentFilter search={search} onSearch={onSearch} />
      <TimeFilter search={search} onSearch={onSearch} />
      <WhoFilter search={search} onSearch={onSearch} />
    </FilterBar>
  );
}

type Part = Pick<FiltersProps, 'search' | 'onSearch'>;

function StateFilter({ search, onSearch }: Part) {
  const chosen = statesIn(search.state);
  const set = (next: RunStateEnum[]) => onSearch({ state: next.join(',') });
  const toggle = (state: RunStateEnum) =>
    set(chosen.includes(state) ? chosen.filter((each) => each !== state) : [...chosen, state]);
  const toggleAll = (group: readonly RunStateEnum[]) => {
    const all = group.every((state) => chosen.includes(state));
    set(all ? chosen.filter((state) => !group.includes(state)) : [...new Set([...chosen, ...group])]);
  };
  const [only] = chosen;
  const value = chosen.length === 1 && only ? states.run[only][0] : chosen.length ? String(chosen.length) : null;
  return (
    <FilterMenu name={t.state} value={value}>
      {[
        { title: t.live, group: LIVE },
        { title: t.ended, group: ENDED },
      ].map(({ title, group }, at) => (
        <div key={title} role="none">
          {at > 0 ? <Menu.Divider /> : null}
          <Option many strong chosen={group.every((state) => chosen.includes(state))} onPick={() => toggleAll(group)}>
            {title}
          </Option>
          {group.map((state) => {
            const { icon: Icon, tone } = runLooks[state];
            return (
              <Option key={state} many chosen={chosen.includes(state)} onPick={() => toggle(state)}>
                <span className={classes.state} data-tone={tone}>
                  <Icon size={15} aria-hidden /> {states.run[state][0]}
                </span>
              </Option>
            );
          })}
        </div>
      ))}
    </FilterMenu>
  );
}

function ProjectFilter({ project, projects, onSearch }: Omit<FiltersProps, 'search'>) {
  const name = projects.find(({ id }) => id === project)?.name ?? null;
  return (
    <FilterMenu name={t.project} value={name}>
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

function EnvironmentFilter({ search, onSearch }: Part) {
  const { data = [] } = useQuery(environmentsQuery);
  const names = [...new Set([...data.map(({ name }) => name), ...(search.environment ? [search.environment] : [])])];
  return (
    <FilterMenu name={t.environment} value={search.environment ?? null}>
      <Option chosen={!search.environment} onPick={() => onSearch({ environment: '' })}>
        {t.anyEnvironment}
      </Option>
      <Menu.Divider />
      {names.map((name) => (
        <Option key={name} chosen={name === search.environment} onPick={() => onSearch({ environment: name })}>
          {name}
        </Option>
      ))}
    </FilterMenu>
  );
}

function WhoFilter({ search, onSearch }: Part) {
  const everybody = search.who === 'all';
  return (
    <FilterMenu name={t.who} value={everybody ? t.everyone : t.mine} quiet={!everybody}>
      <Option chosen={!everybody} onPick={() => onSearch({ who: undefined })}>
        {t.mine}
      </Option>
      <Option chosen={everybody} onPick={() => onSearch({ who: 'all' })}>
        {t.everyone}
      </Option>
    </FilterMenu>
  );
}
