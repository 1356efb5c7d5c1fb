import type { QueryClient } from '@tanstack/react-query';
import { createContext, use, useEffect, useState, useSyncExternalStore } from 'react';
import { useQueryClient } from '@tanstack/react-query';

import type { Run } from '@/lib/api';
import { follow, type StreamEvent, type StreamState } from '@/lib/events';
import { createStore, type Store } from '@/lib/store';

import { eventsAddress, executionQuery, runQuery, updateExecution, updateRun } from '../queries';
import { isDone, isLive } from '../states';
import { Assembler, type News } from './assembler';
import type { Blocks } from './blocks';
import { isRecord } from './outputs';

// The platform's clock and that of its event stream may differ a little.
const MARGIN_MS = 60_000;

/** What one page knows of a live run beyond the record: the outputs that have come so far, and how the stream is. */
export class Feed {
  readonly stream: Store<StreamState> = createStore<StreamState>('connecting');
  private readonly runId: string;
  private readonly client: QueryClient;
  private readonly assembler: Assembler;
  private readonly after: string;
  private readonly listeners = new Map<number, Set<() => void>>();
  private readonly changed = new Set<number>();
  private frame: number | undefined;

  constructor(run: Run, client: QueryClient) {
    this.runId = run.id;
    this.client = client;
    const done = new Set(run.executions.filter((one) => isDone(one.state)).map((one) => one.number));
    this.assembler = new Assembler((number) => done.has(number));
    // What came before the present state is on record; a stream's ids begin with its clock in milliseconds.
    this.after = `${Math.max(0, Date.parse(run.state_since) - MARGIN_MS)}-0`;
  }

  start(): () => void {
    const stop = follow({
      url: eventsAddress(this.runId),
      after: this.after,
      onEvents: (events) => this.take(events),
      onState: (state) => this.stream.set(state),
      onRefused: () => void this.client.invalidateQueries({ queryKey: runQuery(this.runId).queryKey }),
      isLast: ({ kind, data }) => kind === 'run' && isRecord(data) && !isLive(data.state as Run['state']),
    });
    return () => {
      stop();
      if (this.frame !== undefined) cancelAnimationFrame(this.frame);
      this.frame = undefined;
    };
  }

  blocks(number: number): Blocks | null {
    return this.assembler.blocks(number);
  }

  withheld(number: number): readonly string[] | null {
    return this.assembler.withheld(number);
  }

  forget(number: number): void {
    this.assembler.forget(number);
  }

  subscribe(number: number, listener: () => void): () => void {
    const mine = this.listeners.get(number) ?? new Set();
    this.listeners.set(number, mine.add(listener));
    return () => mine.delete(listener);
  }

  private take(events: StreamEvent[]): void {
    const news = this.assembler.take(events);
    for (const number of news.outputs) this.changed.add(number);
    // However much is printed, the page is painted once a frame.
    if (this.changed.size) this.frame ??= requestAnimationFrame(() => this.tell());
    this.record(news);
  }

  private tell(): void {
    this.frame = undefined;
    const numbers = [...this.changed];
    this.changed.clear();
    for (const number of numbers) for (const listener of [...(this.listeners.get(number) ?? [])]) listener();
  }

  /** Write what was told into the cache, and fetch what only the record has. */
  private record({ run: state, executions, refused }: News): void {
    const { client, runId } = this;
    for (const [number, now] of executions) {
      // What is done is shown from the record: until that is here, what came live stays.
      if (!isDone(now))
        updateExecution(client, runId, number, (one) => (isDone(one.state) ? one : { ...one, state: now }));
      updateRun(client, runId, (run) => ({
        ...run,
        executions: run.executions.map((one) => (one.number === number ? { ...one, state: now } : one)),
      }));
      void client.invalidateQueries({ queryKey: executionQuery(runId, number).queryKey });
    }
    if (state) updateRun(client, runId, (run) => ({ ...run, state }));
    if (state || executions.size || refused !== null) {
      void client.invalidateQueries({ queryKey: runQuery(runId).queryKey, exact: true });
    }
  }
}

/** Follows a run while it lives and the page shows it. */
export function useFeed(run: Run): Feed {
  const client = useQueryClient();
  const [feed] = useState(() => new Feed(run, client));
  const live = isLive(run.state);
  useEffect(() => (live ? feed.start() : undefined), [feed, live]);
  return feed;
}

export const FeedContext = createContext<Feed | null>(null);

interface LiveBlocks {
  blocks: Blocks | null;
  withheld: readonly string[] | null;
  version: number;
}

/** What has come of an execution that is not done; null when nothing has. `version` changes with every frame. */
export function useLiveBlocks(number: number): LiveBlocks {
  const feed = use(FeedContext);
  const version = useSyncExternalStore(
    (listener) => feed?.subscribe(number, listener) ?? (() => undefined),
    () => 2 * (feed?.blocks(number)?.version ?? 0) + (feed?.withheld(number) ? 1 : 0),
  );
  return { blocks: feed?.blocks(number) ?? null, withheld: feed?.withheld(number) ?? null, version };
}
