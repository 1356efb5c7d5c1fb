import { useEffect, useEffectEvent, useState } from 'react';

import { isTyping } from '@/lib/commands';

/** Take files that are dropped anywhere on the page. Tells whether some are held above it. */
export function useFileDrop(onFiles: (files: File[]) => void, enabled = true): boolean {
  const [over, setOver] = useState(false);
  const take = useEffectEvent(onFiles);
  useEffect(() => {
    if (!enabled) return undefined;
    // Enter and leave come for each element that is passed; the count says whether the page itself was left.
    let depth = 0;
    const enter = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (!depth) setOver(false);
    };
    const hold = (event: DragEvent) => {
      if (holdsFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      const files = filesOf(event.dataTransfer);
      if (files.length) take(files);
    };
    const events = { dragenter: enter, dragleave: leave, dragover: hold, drop } as const;
    const each = Object.entries(events) as ['dragenter', (event: DragEvent) => void][];
    for (const [name, listener] of each) window.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of each) window.removeEventListener(name, listener);
    };
  }, [enabled]);
  return over;
}

/** Take files that are pasted, unless a text is being written. */
export function usePastedFiles(onFiles: (files: File[]) => void): void {
  const take = useEffectEvent(onFiles);
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const files = filesOf(event.clipboardData);
      if (!files.length || (isTyping(event.target) && event.clipboardData?.types.includes('text/plain'))) return;
      event.preventDefault();
      take(files);
    };
    window.addEventListener('paste', paste);
    return () => window.removeEventListener('paste', paste);
  }, []);
}

function holdsFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}

/** The files of what was dropped or pasted; folders have no content and are left out. */
function filesOf(transfer: DataTransfer | null): File[] {
  const items = Array.from(transfer?.items ?? []);
  const isFolder = (file: File) =>
    items.some((item) => {
      const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null;
      return entry?.isDirectory && entry.name === file.name;
    });
  return Array.from(transfer?.files ?? []).filter((file) => !isFolder(file));
}
