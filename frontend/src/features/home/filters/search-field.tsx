import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';

import { Keys } from '@/components/keys';
import { home as t } from '@/locales';

import classes from './filters.module.css';

const ID = 'search-runs';
const PAUSE_MS = 250;

/** Searches after each pause in the typing. What the address says otherwise, as after going back, is taken over. */
export function SearchField({ value, onSearch }: { value: string; onSearch: (words: string) => void }) {
  const [typed, setTyped] = useState(value);
  const [before, setBefore] = useState(value);
  if (before !== value) {
    setBefore(value);
    if (typed.trim() !== value) setTyped(value);
  }
  const search = useDebouncedCallback((words: string) => onSearch(words.trim()), PAUSE_MS);
  return (
    <TextInput
      id={ID}
      type="search"
      className={classes.search}
      aria-label={t.search}
      placeholder={t.search}
      leftSection={<IconSearch size={15} aria-hidden />}
      rightSection={typed ? null : <Keys keys="/" />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        search(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') event.currentTarget.blur();
      }}
    />
  );
}

export function focusSearch() {
  document.getElementById(ID)?.focus();
}
