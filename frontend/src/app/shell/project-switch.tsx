import { Combobox, UnstyledButton, useCombobox, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconSelector } from '@tabler/icons-react';
import { useState } from 'react';

import { useProjects, type Membership } from '@/lib/session';
import { shell } from '@/locales';

import classes from './side-bar.module.css';

const t = shell.project;
const ALL = '';
// With fewer, a search field is more to read than the list.
const SEARCH_FROM = 7;

/** The project that the person works in. */
export function ProjectSwitch() {
  const { all, current, choose } = useProjects();
  const [query, setQuery] = useState('');
  const box = useCombobox({
    onDropdownClose: () => {
      box.resetSelectedOption();
      setQuery('');
    },
  });
  if (!all.length) return <p className={classes.noProject}>{`${t.none}. ${t.noneHint}`}</p>;
  const found = all.filter(({ name }) => name.toLowerCase().includes(query.toLowerCase().trim()));
  const pick = (id: string) => {
    choose(id || null);
    box.closeDropdown();
  };
  return (
    <Combobox store={box} onOptionSubmit={pick} width="target" shadow="md">
      <Combobox.Target targetType="button">
        <UnstyledButton className={classes.project} onClick={() => box.toggleDropdown()}>
          <ProjectMark project={current} />
          <VisuallyHidden>{`${t.label}: `}</VisuallyHidden>
          <span className={classes.projectText}>
            <span className={classes.projectName}>{current?.name ?? t.all}</span>
            <span className={classes.projectRoles}>{current ? roles(current) : t.count({ n: all.length })}</span>
          </span>
          <IconSelector size={16} aria-hidden />
        </UnstyledButton>
      </Combobox.Target>
      <Combobox.Dropdown>
        {all.length >= SEARCH_FROM ? (
          <Combobox.Search
            value={query}
            onChange={(event) => setQuery(event.currentTarget.value)}
            placeholder={t.filter}
            aria-label={t.filter}
          />
        ) : null}
        <Combobox.Options mah={320} style={{ overflowY: 'auto' }} aria-label={t.label}>
          {query || all.length === 1 ? null : <Choice value={ALL} name={t.all} active={!current} />}
          {found.map((project) => (
            <Choice
              key={project.id}
              value={project.id}
              name={project.name}
              project={project}
              active={project.id === current?.id}
            />
          ))}
          {found.length ? null : <Combobox.Empty>{t.nothing}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function Choice(props: { value: string; name: string; project?: Membership; active: boolean }) {
  const { value, name, project, active } = props;
  return (
    <Combobox.Option value={value} active={active} className={classes.choice}>
      <ProjectMark project={project ?? null} />
      <span className={classes.projectText}>
        <span className={classes.projectName}>{name}</span>
        {project ? <span className={classes.projectRoles}>{roles(project)}</span> : null}
      </span>
      {active ? <IconCheck size={16} aria-hidden /> : null}
    </Combobox.Option>
  );
}

function ProjectMark({ project }: { project: Membership | null }) {
  return (
    <span className={classes.projectMark} data-all={!project} aria-hidden>
      {project ? initial(project.name) : '∗'}
    </span>
  );
}

function roles(project: Membership): string {
  return project.roles.map((role) => shell.roles[role]).join(', ');
}

function initial(name: string): string {
  return String.fromCodePoint(name.codePointAt(0) ?? 0x2217).toUpperCase();
}
