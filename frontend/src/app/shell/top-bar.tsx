import { ActionIcon } from '@mantine/core';
import { IconMenu2, IconSearch } from '@tabler/icons-react';

import { shell as t } from '@/locales';

import { paletteOpen } from '../palette/palette';
import { Mark } from './brand';
import classes from './shell.module.css';

/** Stands in for the side bar on narrow screens. */
export function TopBar({ onMenu }: { onMenu: () => void }) {
  return (
    <header className={classes.top}>
      <ActionIcon size="lg" aria-label={t.openNavigation} onClick={onMenu}>
        <IconMenu2 size={20} aria-hidden />
      </ActionIcon>
      <span className={classes.brand}>
        <Mark size={20} />
        {t.product}
      </span>
      <ActionIcon size="lg" aria-label={t.palette.open} onClick={() => paletteOpen.set(true)}>
        <IconSearch size={20} aria-hidden />
      </ActionIcon>
    </header>
  );
}
