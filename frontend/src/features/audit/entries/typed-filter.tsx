import { Button, Popover, TextInput } from '@mantine/core';
import { useState, type SyntheticEvent } from 'react';

import { FilterButton } from '@/components/filters';
import { audit } from '@/locales';

import { TYPED, type AuditSearch, type Typed } from '../search';
import classes from './entries.module.css';

const t = audit.filters;

interface TypedFilterProps {
  search: AuditSearch;
  onSearch: (change: AuditSearch) => void;
}

/** What is known exactly and pasted: a run, a person, a digest, a package, a file. */
export function TypedFilter({ search, onSearch }: TypedFilterProps) {
  const [opened, setOpened] = useState(false);
  const chosen = TYPED.filter((name) => search[name]);
  const [only] = chosen;
  const value = chosen.length === 1 && only ? t.typed[only][0] : chosen.length ? String(chosen.length) : null;
  return (
    <Popover position="bottom-start" width={320} trapFocus opened={opened} onChange={setOpened}>
      <Popover.Target>
        <Target value={value} onClick={() => setOpened((was) => !was)} />
      </Popover.Target>
      <Popover.Dropdown>
        <TypedForm
          search={search}
          onSearch={(change) => {
            setOpened(false);
            onSearch(change);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Target(props: { value: string | null; onClick: () => void }) {
  return <FilterButton name={t.by} {...props} />;
}

function TypedForm({ search, onSearch }: TypedFilterProps) {
  const [typed, setTyped] = useState<Partial<Record<Typed, string | undefined>>>(search);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    onSearch(Object.fromEntries(TYPED.map((name) => [name, typed[name]])));
  };
  return (
    <form onSubmit={submit} className={classes.typed}>
      {TYPED.map((name) => {
        const [label, hint] = t.typed[name];
        return (
          <TextInput
            key={name}
            size="xs"
            label={label}
            placeholder={hint}
            autoComplete="off"
            spellCheck={false}
            value={typed[name] ?? ''}
            onChange={(event) => setTyped({ ...typed, [name]: event.currentTarget.value })}
          />
        );
      })}
      <Button type="submit" size="xs">
        {t.apply}
      </Button>
    </form>
  );
}
