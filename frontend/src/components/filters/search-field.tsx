import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';

import { Keys } from '@/components/keys';
import classes from './filters.module.css';

const ID = 'search-list';
const PAUSE_MS = 250;

interface SearchFieldProps {
  /** What is searched. */
  label: string;
  value: string;
  onSearch: (words: string) => void;
}

/** Searches after each pause in the typing. What the address says otherwise, as after going back, is taken over. */
export function SearchField({ label, value, onSearch }: SearchFieldProps) {
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
      aria-label={label}
      placeholder={label}
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

/** Goes to the field of the list that is shown. */
export function focusSearch() {
  document.getElementById(ID)?.focus();
}
