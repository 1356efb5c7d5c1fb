import { useMantineColorScheme } from '@mantine/core';
import { IconFolders, IconKeyboard, IconLogout, IconSearch, IconUserCircle } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';

import { useSignOut } from '@/features/session';
import { listenForKeys, useCommands, type Command } from '@/lib/commands';
import { useMe, useProjects } from '@/lib/session';
import { shell as t } from '@/locales';

import { destinations } from '../navigation';
import { paletteOpen } from '../palette/palette';
import { sheetOpen } from '../palette/shortcut-sheet';
import { schemes } from './theme';

/** What can be done from everywhere, and the keys that do it. */
export function ShellCommands() {
  useEffect(listenForKeys, []);
  useCommands([...useGoing(), ...useSwitching(), ...useViewing(), ...help]);
  return null;
}

function useGoing(): Command[] {
  const me = useMe();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const section = t.sections.go;
  return [
    ...destinations
      .filter(({ forWhom }) => forWhom?.(me) ?? true)
      .map(({ to, title, icon, keys }) => ({
        id: `go:${to}`,
        title,
        section,
        icon,
        keys,
        run: () => void navigate({ to }),
      })),
    {
      id: 'go:account',
      title: t.user.account,
      section,
      icon: IconUserCircle,
      keys: 'g a',
      run: () => void navigate({ to: '/account' }),
    },
    {
      id: 'sign-out',
      title: t.user.signOut,
      section: t.sections.session,
      icon: IconLogout,
      run: () => signOut.mutate(),
    },
  ];
}

function useSwitching(): Command[] {
  const { all, current, choose } = useProjects();
  if (all.length < 2) return [];
  const section = t.sections.project;
  const others = all.filter(({ id }) => id !== current?.id);
  return [
    { id: 'project:all', title: t.project.switchToAll, section, icon: IconFolders, run: () => choose(null) },
    ...others.map(({ id, name }) => ({
      id: `project:${id}`,
      title: t.project.switchTo({ name }),
      section,
      icon: IconFolders,
      run: () => choose(id),
    })),
  ];
}

function useViewing(): Command[] {
  const { setColorScheme } = useMantineColorScheme();
  return schemes.map(({ value, name, icon }) => ({
    id: `theme:${value}`,
    title: t.theme.use({ name }),
    section: t.sections.view,
    icon,
    run: () => setColorScheme(value),
  }));
}

const help: Command[] = [
  {
    id: 'palette',
    title: t.shortcuts.palette,
    section: t.sections.help,
    icon: IconSearch,
    keys: 'mod+k',
    run: () => paletteOpen.set(true),
  },
  {
    id: 'shortcuts',
    title: t.shortcuts.sheet,
    section: t.sections.help,
    icon: IconKeyboard,
    keys: '?',
    run: () => sheetOpen.set(true),
  },
];
