import { ActionIcon, Tooltip } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';

import { components } from '@/locales';

import classes from './filters.module.css';

const t = components.filters;

interface FilterBarProps {
  /** The field that is searched by, before the filters. */
  search: ReactNode;
  /** Takes every filter out; absent while none cuts anything off. */
  onClear?: (() => void) | undefined;
  children: ReactNode;
}

/** What a list is cut down to, in a row above it. */
export function FilterBar({ search, onClear, children }: FilterBarProps) {
  return (
    <div className={classes.bar} role="search" aria-label={t.label}>
      {search}
      <div className={classes.menus}>
        {children}
        {/* Its place is kept: what is searched for moves no filter away. */}
        <Tooltip label={t.clear}>
          <ActionIcon
            size={30}
            aria-label={t.clear}
            className={classes.clear}
            data-idle={onClear === undefined || undefined}
            onClick={onClear}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
    </div>
  );
}
