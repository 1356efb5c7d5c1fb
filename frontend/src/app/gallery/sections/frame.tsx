import { useEffect } from 'react';

import type { Store } from '@/lib/store';

import { Palette, paletteOpen } from '../../palette/palette';
import { sheetOpen, ShortcutSheet } from '../../palette/shortcut-sheet';
import { ShellCommands } from '../../shell/commands';
import { PagePending } from '../../shell/pending';
import { SideBar } from '../../shell/side-bar';
import { NotFound, RouteError } from '../../routes/errors';
import { NotLoaded } from '../../routes/not-loaded';
import { Case, Grid } from '../case';
import classes from '../gallery.module.css';
import { problem } from '../samples';

export function ShellParts() {
  const reset = () => undefined;
  return (
    <Grid>
      <Case name="Side bar">
        <div className={classes.side}>
          <SideBar />
        </div>
      </Case>
      <Case name="Page on its way">
        <PagePending />
      </Case>
      <Case name="No such page">
        <NotFound />
      </Case>
      <Case name="Page failed">
        <RouteError error={problem(500, 'internal_error', 'Something broke on our side.')} reset={reset} />
      </Case>
      <Case name="Page of an older build">
        <NotLoaded reason="update" />
      </Case>
    </Grid>
  );
}

function useOpen(store: Store<boolean>): void {
  useEffect(() => {
    store.set(true);
    return () => store.set(false);
  }, [store]);
}

export function PaletteCase() {
  useOpen(paletteOpen);
  return (
    <>
      <ShellCommands />
      <Palette />
    </>
  );
}

export function ShortcutsCase() {
  useOpen(sheetOpen);
  return (
    <>
      <ShellCommands />
      <ShortcutSheet />
    </>
  );
}
