import { useMutation } from '@tanstack/react-query';
import {
  IconCircleMinus,
  IconDownload,
  IconLink,
  IconPencil,
  IconPlayerPlay,
  IconPlayerStop,
  IconRotateClockwise,
  IconSquareCheck,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState, type RefObject } from 'react';

import type { Run } from '@/lib/api';
import { copyText } from '@/lib/clipboard';
import { useCommands, type Command } from '@/lib/commands';
import { toast } from '@/lib/toasts';
import { components, run as t } from '@/locales';

import type { ComposerHandle } from './cell/composer';
import type { Doing } from './header';
import { notebookAddress, useEnding } from './queries';
import { download } from '@/lib/save';
import { isLive, takesCode } from './states';

/** What can be done with the run as a whole. */
export function useDoing(run: Run): Doing {
  const interrupt = useEnding(run.id, 'interrupt');
  const close = useEnding(run.id, 'close');
  const cancel = useEnding(run.id, 'cancel');
  const notebook = useMutation({
    mutationFn: () => download(notebookAddress(run.id), `run-${run.id}.ipynb`),
  });
  const [opened, setOpened] = useState(false);
  return {
    interrupt,
    close,
    cancel,
    notebook,
    copyLink: () => void copyLink(),
    confirm: { opened, open: () => setOpened(true), close: () => setOpened(false) },
  };
}

async function copyLink(): Promise<void> {
  const copied = await copyText(window.location.href.split('#')[0] ?? '');
  toast(copied ? { tone: 'good', title: t.actions.linkCopied } : { tone: 'bad', title: components.copyFailed });
}

interface Parts {
  run: Run;
  doing: Doing;
  composer: RefObject<ComposerHandle | null>;
  cells: RefObject<HTMLElement | null>;
  editFocused: (number: number) => void;
}

/** The run's commands in the palette, and its keys. */
export function useRunCommands({ run, doing, composer, cells, editFocused }: Parts): void {
  const navigate = useNavigate();
  const section = t.commands.section;
  const open = takesCode(run.state);
  const step = (by: 1 | -1) => moveFocus(cells.current, by);
  const list: Command[] = [
    { id: 'run:next', title: t.commands.next, section, keys: 'j', run: () => step(1) },
    { id: 'run:previous', title: t.commands.previous, section, keys: 'k', run: () => step(-1) },
    {
      id: 'run:again',
      title: t.actions.again,
      section,
      icon: IconRotateClockwise,
      keys: 'shift+r',
      run: () => void navigate({ to: '/runs/new', search: { from: run.id } }),
    },
    { id: 'run:notebook', title: t.actions.notebook, section, icon: IconDownload, run: () => doing.notebook.mutate() },
    { id: 'run:link', title: t.actions.copyLink, section, icon: IconLink, keys: 'y', run: doing.copyLink },
  ];
  if (open) {
    list.push(
      {
        id: 'run:write',
        title: t.commands.write,
        section,
        icon: IconPencil,
        keys: 'enter',
        run: () => pressOrWrite(composer.current),
      },
      {
        id: 'run:execute',
        title: t.commands.run,
        section,
        icon: IconPlayerPlay,
        keys: 'shift+enter',
        run: () => composer.current?.run(),
      },
      {
        id: 'run:reuse',
        title: t.commands.reuse,
        section,
        keys: 'e',
        run: () => {
          const number = focused(cells.current);
          if (number !== null) editFocused(number);
        },
      },
      {
        id: 'run:recall',
        title: t.commands.recall,
        section,
        keys: 'alt+arrowup',
        sheetOnly: true,
        run: () => undefined,
      },
      { id: 'run:leave', title: t.commands.leave, section, keys: 'escape', sheetOnly: true, run: () => undefined },
    );
  }
  if (run.state === 'executing') {
    list.push({
      id: 'run:interrupt',
      title: t.actions.interrupt,
      section,
      icon: IconPlayerStop,
      keys: 'i i',
      run: () => doing.interrupt.mutate(),
    });
  }
  if (run.state === 'ready') {
    list.push({
      id: 'run:close',
      title: t.actions.close,
      section,
      icon: IconSquareCheck,
      run: () => doing.close.mutate(),
    });
  }
  if (isLive(run.state)) {
    list.push({ id: 'run:cancel', title: t.actions.cancel, section, icon: IconCircleMinus, run: doing.confirm.open });
  }
  useCommands(list);
}

function pressOrWrite(composer: ComposerHandle | null): void {
  // Enter presses what has the focus, where that can be pressed.
  const active = document.activeElement;
  if (active instanceof HTMLElement && active.matches('button, a, summary, [role="option"], [role="menuitem"]'))
    active.click();
  else composer?.focus();
}

function moveFocus(cells: HTMLElement | null, by: 1 | -1): void {
  const all = [...(cells?.querySelectorAll<HTMLElement>('[data-cell], [data-composer]') ?? [])];
  const at = all.findIndex((one) => one.contains(document.activeElement));
  const to = all[Math.min(all.length - 1, Math.max(0, at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by))];
  if (!to) return;
  to.tabIndex = -1;
  to.focus({ preventScroll: true });
  to.scrollIntoView({ block: 'nearest' });
}

function focused(cells: HTMLElement | null): number | null {
  const cell = cells?.querySelector<HTMLElement>('[data-cell]:focus, [data-cell]:focus-within');
  return cell ? Number(cell.dataset.cell) : null;
}
