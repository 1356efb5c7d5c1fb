import { useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

import { announce } from '@/lib/announce';
import { shell } from '@/locales';

/** After a change of page, focus goes to its heading and a screen reader says its title, as after a full load. */
export function RouteFocus() {
  // The page that is shown, not the one that still loads.
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const before = useRef(path);
  useEffect(() => {
    if (path === undefined || before.current === path) return;
    const first = before.current === undefined;
    before.current = path;
    if (first) return;
    const heading = document.querySelector<HTMLElement>('[data-page-heading]');
    (heading ?? document.getElementById('main'))?.focus({ preventScroll: true });
    announce(shell.route.arrived({ title: document.title }));
  }, [path]);
  return null;
}
