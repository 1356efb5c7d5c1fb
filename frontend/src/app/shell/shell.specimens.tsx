import { useEffect } from 'react';

import { problem, type Specimens } from '@/lib/specimens';
import classes from '@/lib/specimens/specimens.module.css';
import type { Store } from '@/lib/store';

import { Palette, paletteOpen } from '../palette/palette';
import { sheetOpen, ShortcutSheet } from '../palette/shortcut-sheet';
import { ShellCommands } from './commands';
import { PagePending } from './pending';
import { SideBar } from './side-bar';
import { NotFound, RouteError } from '../routes/errors';
import { NotLoaded } from '../routes/not-loaded';

function useOpen(store: Store<boolean>): void {
  useEffect(() => {
    store.set(true);
    return () => store.set(false);
  }, [store]);
}

function PaletteCase() {
  useOpen(paletteOpen);
  return (
    <>
      <ShellCommands />
      <Palette />
    </>
  );
}

function ShortcutsCase() {
  useOpen(sheetOpen);
  return (
    <>
      <ShellCommands />
      <ShortcutSheet />
    </>
  );
}

export const specimens: Specimens = {
  section: 'Frame',
  cases: [
    {
      name: 'Side bar',
      show: () => (
        <div className={classes.side}>
          <SideBar />
        </div>
      ),
    },
    { name: 'Page on its way', show: () => <PagePending /> },
    { name: 'No such page', show: () => <NotFound /> },
    {
      name: 'Page failed',
      show: () => (
        <RouteError error={problem(500, 'internal_error', 'Something broke on our side.')} reset={() => undefined} />
      ),
    },
    { name: 'Page of an older build', show: () => <NotLoaded reason="update" /> },
  ],
  pages: { palette: PaletteCase, shortcuts: ShortcutsCase },
};
