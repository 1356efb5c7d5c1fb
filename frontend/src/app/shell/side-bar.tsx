import { UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

import { Keys } from '@/components/keys';
import { useMe } from '@/lib/session';
import { shell as t } from '@/locales';

import { destinations } from '../navigation';
import { paletteOpen } from '../palette/palette';
import { Mark } from './brand';
import { ConnectionIndicator } from './connection';
import { ProjectSwitch } from './project-switch';
import classes from './side-bar.module.css';
import { UserMenu } from './user-menu';

/** Where one is and where one can go. `onNavigate` is called after each choice of a page. */
export function SideBar({ onNavigate }: { onNavigate?: () => void }) {
  const me = useMe();
  const search = () => {
    onNavigate?.();
    paletteOpen.set(true);
  };
  return (
    <div className={classes.bar}>
      <div className={classes.brand}>
        <Mark />
        <span>{t.product}</span>
      </div>
      <ProjectSwitch />
      <UnstyledButton className={classes.search} onClick={search}>
        <IconSearch size={15} aria-hidden />
        <span className={classes.searchText}>{t.palette.open}</span>
        <Keys keys="mod+k" />
      </UnstyledButton>
      <nav aria-label={t.navigation} className={classes.nav}>
        {destinations
          .filter(({ forWhom, within }) => !within && (forWhom?.(me) ?? true))
          .map(({ to, title, icon: Icon, exact = false }) => (
            <Link
              key={to}
              to={to}
              className={classes.link}
              activeOptions={{ exact, includeSearch: false }}
              onClick={() => onNavigate?.()}
            >
              <Icon size={18} stroke={1.75} aria-hidden />
              {title}
            </Link>
          ))}
      </nav>
      <div className={classes.foot}>
        <ConnectionIndicator />
        <UserMenu onNavigate={onNavigate} />
      </div>
    </div>
  );
}
