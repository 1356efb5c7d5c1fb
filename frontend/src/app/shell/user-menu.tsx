import { Avatar, Menu, UnstyledButton, useMantineColorScheme, VisuallyHidden } from '@mantine/core';
import { IconCheck, IconKeyboard, IconLogout, IconSelector, IconUserCircle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';

import { useSignOut } from '@/features/session';
import { useMe } from '@/lib/session';
import { shell as t } from '@/locales';

import { sheetOpen } from '../palette/shortcut-sheet';
import classes from './side-bar.module.css';
import { schemes } from './theme';

/** The person, their account, the theme, and the way out. */
export function UserMenu({ onNavigate }: { onNavigate?: (() => void) | undefined }) {
  const me = useMe();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = me.display_name || me.username;
  return (
    <Menu width="target" position="top-start">
      <Menu.Target>
        <UnstyledButton className={classes.user}>
          <Avatar size={26} radius="xl" name={name} color="petrol" aria-hidden />
          <span className={classes.userName}>{name}</span>
          <VisuallyHidden>{t.user.menu}</VisuallyHidden>
          <IconSelector size={16} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          component={Link}
          to="/account"
          leftSection={<IconUserCircle size={16} aria-hidden />}
          onClick={() => onNavigate?.()}
        >
          {t.user.account}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={() => sheetOpen.set(true)}>
          {t.user.shortcuts}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t.theme.label}</Menu.Label>
        {schemes.map(({ value, name: scheme, icon: Icon }) => (
          <Menu.Item
            key={value}
            closeMenuOnClick={false}
            leftSection={<Icon size={16} aria-hidden />}
            rightSection={value === colorScheme ? <IconCheck size={16} aria-hidden /> : null}
            // Mantine's own role is not one that can be checked, and comes after any that it is given.
            renderRoot={(props) => (
              <button type="button" {...props} role="menuitemradio" aria-checked={value === colorScheme} />
            )}
            onClick={() => setColorScheme(value)}
          >
            {scheme}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => signOut.mutate()}>
          {t.user.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
