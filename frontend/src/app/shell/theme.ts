import type { MantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun, type Icon } from '@tabler/icons-react';

import { shell } from '@/locales';

export const schemes: readonly { value: MantineColorScheme; name: string; icon: Icon }[] = [
  { value: 'light', name: shell.theme.light, icon: IconSun },
  { value: 'dark', name: shell.theme.dark, icon: IconMoon },
  { value: 'auto', name: shell.theme.auto, icon: IconDeviceDesktop },
];
