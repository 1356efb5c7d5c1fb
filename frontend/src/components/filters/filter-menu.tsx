import { Button, Menu, type MenuProps } from '@mantine/core';
import { IconCheck, IconChevronDown } from '@tabler/icons-react';
import type { ReactNode } from 'react';

import { components } from '@/locales';

import classes from './filters.module.css';

const t = components.filters;
// A long menu ends where the window does, wherever its button is.
const WITHIN_WINDOW: NonNullable<MenuProps['middlewares']> = {
  size: {
    padding: 8,
    apply: ({ availableHeight, elements }) =>
      elements.floating.style.setProperty('--room', `${Math.floor(availableHeight)}px`),
  },
};

interface FilterMenuProps {
  name: string;
  /** What is chosen, in a word; null when nothing is cut off. */
  value: string | null;
  /** The value is the usual one. */
  quiet?: boolean;
  children: ReactNode;
}

export function FilterMenu({ name, value, quiet = false, children }: FilterMenuProps) {
  return (
    <Menu position="bottom-start" width={240} middlewares={WITHIN_WINDOW}>
      <Menu.Target>
        <FilterButton name={name} value={value} quiet={quiet} />
      </Menu.Target>
      <Menu.Dropdown className={classes.dropdown}>{children}</Menu.Dropdown>
    </Menu>
  );
}

export function FilterButton({ name, value, quiet = false, ...rest }: Omit<FilterMenuProps, 'children'>) {
  const chosen = value !== null && !quiet;
  return (
    <Button
      {...rest}
      size="xs"
      variant="default"
      className={classes.button}
      data-chosen={chosen || undefined}
      // What is seen is what it is called, but where the name is left out.
      aria-label={quiet && value !== null ? t.one({ name, value }) : undefined}
      rightSection={<IconChevronDown size={13} aria-hidden />}
    >
      <span className={classes.words}>
        {quiet ? null : name}
        {quiet || value === null ? null : ': '}
        {value === null ? null : <span className={classes.value}>{value}</span>}
      </span>
    </Button>
  );
}

interface OptionProps {
  chosen: boolean;
  onPick: () => void;
  /** One of several that may be chosen together; the menu stays open. */
  many?: boolean;
  strong?: boolean;
  children: ReactNode;
}

export function Option({ chosen, onPick, many = false, strong = false, children }: OptionProps) {
  return (
    <Menu.Item
      // Mantine's own role is not one that can be checked, and comes after any that it is given.
      renderRoot={(props) => (
        <button type="button" {...props} role={many ? 'menuitemcheckbox' : 'menuitemradio'} aria-checked={chosen} />
      )}
      closeMenuOnClick={!many}
      fw={strong ? 600 : undefined}
      rightSection={chosen ? <IconCheck size={15} aria-hidden /> : null}
      onClick={onPick}
    >
      {children}
    </Menu.Item>
  );
}
