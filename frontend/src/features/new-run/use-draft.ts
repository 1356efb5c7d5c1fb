import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';

import { useStore } from '@/lib/store';

import { emptyDraft, withFile, type Change, type Draft } from './draft';
import { uploads, type Upload } from './files/uploads';
import { forget, keep, kept, type Unfinished } from './keeping';

export interface DraftState {
  draft: Draft;
  change: (change: Change) => void;
  /** Files that are on their way. */
  sending: readonly Upload[];
  /** Uploads of before the page was loaded that had not ended. */
  unfinished: readonly Unfinished[];
  dropUnfinished: (file: Unfinished) => void;
  /** The contents of attached files that were given in this page. */
  contents: ReadonlyMap<string, File>;
  /** Forget everything, as after the run was asked for. */
  discard: () => void;
}

/** The draft of the form, kept over reloads of the tab, and the uploads that end in it. */
export function useDraft(begin: { draft: Draft | null; project: string | null; from: string | null }): DraftState {
  const client = useQueryClient();
  const { from } = begin;
  const [draft, setDraft] = useState(() => begin.draft ?? restored(from) ?? emptyDraft(begin.project));
  const [unfinished, setUnfinished] = useState(() => (begin.draft ? [] : (kept()?.unfinished ?? [])));
  const [contents, setContents] = useState<ReadonlyMap<string, File>>(new Map());
  const sending = useStore(uploads.list);
  const change = useCallback((made: Change) => setDraft(made), []);
  const dropUnfinished = useCallback(
    (gone: Unfinished) => setUnfinished((old) => old.filter((each) => !isSame(each, gone))),
    [],
  );

  useEffect(() => {
    uploads.onStored = (stored, upload) => {
      setContents((old) => new Map(old).set(stored.id, upload.file));
      setDraft((old) => (old.project === upload.project ? withFile(stored)(old) : old));
      void client.invalidateQueries({ queryKey: ['files', upload.project] });
    };
  }, [client]);

  useEffect(() => {
    const onTheWay = sending.map(({ file: { name, size } }) => ({ name, size }));
    const rest = unfinished.filter((one) => !onTheWay.some((other) => isSame(one, other)));
    keep({ draft, from, unfinished: [...rest, ...onTheWay] });
  }, [draft, from, sending, unfinished]);

  const discard = useCallback(() => {
    uploads.clear();
    setUnfinished([]);
    setContents(new Map());
    setDraft((old) => emptyDraft(old.project));
    forget();
  }, []);

  return { draft, change, sending, unfinished, dropUnfinished, contents, discard };
}

/** What was kept of the same form: one that begins with a run's inputs is another than the empty one. */
export function restored(from: string | null): Draft | null {
  const before = kept();
  return before && (from === null || before.from === from) ? before.draft : null;
}

export function isSame(a: Unfinished, b: Unfinished): boolean {
  return a.name === b.name && a.size === b.size;
}
