import { Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet } from '@tanstack/react-router';

import { Toasts } from '@/components/toasts';
import { shell as t } from '@/locales';

import { Palette } from '../palette/palette';
import { ShortcutSheet } from '../palette/shortcut-sheet';
import { ShellCommands } from './commands';
import { ConnectionBanner } from './connection';
import { RouteFocus } from './route-focus';
import classes from './shell.module.css';
import { SideBar } from './side-bar';
import { TopBar } from './top-bar';

const MAIN = 'main';

/** The frame around every page for a person who is signed in. */
export function Shell() {
  const [drawer, drawerIs] = useDisclosure(false);
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href={`#${MAIN}`}>
        {t.skip}
      </a>
      <aside className={classes.side}>
        <SideBar />
      </aside>
      <TopBar onMenu={drawerIs.open} />
      <Drawer
        opened={drawer}
        onClose={drawerIs.close}
        size="17rem"
        withCloseButton={false}
        padding={0}
        title={t.navigation}
        classNames={{ header: classes.drawerHeader ?? '', body: classes.drawerBody ?? '' }}
      >
        <SideBar onNavigate={drawerIs.close} />
      </Drawer>
      <main id={MAIN} tabIndex={-1} className={classes.main}>
        <ConnectionBanner />
        <Outlet />
      </main>
      <RouteFocus />
      <ShellCommands />
      <Palette />
      <ShortcutSheet />
      <Toasts />
    </div>
  );
}
