import { createParser } from 'eventsource-parser';

import { problemOf, type ProblemError } from '@/lib/api';
import { attentionHeaders } from '@/lib/attention';
import { reportAnswer, reportSilence } from '@/lib/connection';

import { isAfter } from './ids';

/** One server-sent event. `id` is null for what only says how things stand. */
export interface StreamEvent {
  id: string | null;
  kind: string;
  data: unknown;
}

/**
 * `live`: events come as they happen. `waiting`: the connection is lost and the next try is due in a while.
 * `paused`: nobody looks at this tab. `ended`: the last event has come. `refused`: the platform will not say more.
 */
export type StreamState = 'connecting' | 'live' | 'waiting' | 'paused' | 'ended' | 'refused';

export interface FollowOptions {
  url: string;
  /** Resume after this event. */
  after?: string | null;
  /** Everything that arrived together, in order, each event once over all reconnections. */
  onEvents: (events: StreamEvent[]) => void;
  onState?: (state: StreamState) => void;
  onRefused?: (problem: ProblemError) => void;
  /** Whether nothing can come after this event, so that the end of the stream is no loss. */
  isLast?: (event: StreamEvent) => boolean;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
// The platform says "still here" every five seconds.
const SILENCE_MS = 20_000;
// A browser opens six connections to one address over HTTP/1.1: forgotten tabs must not keep them all.
const HIDDEN_MS = 60_000;

/**
 * Follow a stream of events until the returned function is called, over any number of lost connections.
 * Resumes after the last event seen; waits longer after each failure and not at all when the network returns.
 */
export function follow(options: FollowOptions): () => void {
  const stop = new AbortController();
  void new Follower(options, stop.signal).run();
  return () => stop.abort();
}

class Follower {
  private readonly options: FollowOptions;
  private readonly stop: AbortSignal;
  private last: string | null;
  private failures = 0;
  private ended = false;
  /** The connection was ended because nobody looks at this tab. */
  private away = false;

  constructor(options: FollowOptions, stop: AbortSignal) {
    this.options = options;
    this.stop = stop;
    this.last = options.after ?? null;
  }

  async run(): Promise<void> {
    while (!this.stopped()) {
      this.tell('connecting');
      const refused = await this.connectOnce();
      if (this.stopped()) return;
      if (refused) {
        this.tell('refused');
        this.options.onRefused?.(refused);
        return;
      }
      if (this.ended) {
        this.tell('ended');
        return;
      }
      if (this.away) await this.untilLookedAt();
      else await this.pause();
    }
  }

  /** One connection from its beginning to its end; the problem, if the platform refused it for good. */
  private async connectOnce(): Promise<ProblemError | null> {
    const connection = new AbortController();
    const abort = () => connection.abort();
    this.stop.addEventListener('abort', abort);
    const watch = new Watch(abort, () => {
      this.away = true;
      connection.abort();
    });
    try {
      const response = await fetch(this.options.url, {
        headers: {
          Accept: 'text/event-stream',
          ...attentionHeaders(),
          ...(this.last ? { 'Last-Event-ID': this.last } : {}),
        },
        credentials: 'same-origin',
        cache: 'no-store',
        signal: connection.signal,
      });
      reportAnswer(response.status);
      if (!response.ok || !response.body) return await refusal(response);
      this.tell('live');
      await this.read(response.body, watch);
    } catch {
      // An end that was not asked for, by silence or by the network, is tried again by `run`.
      if (!this.stop.aborted && !this.away) {
        this.failures += 1;
        reportSilence();
      }
    } finally {
      watch.end();
      this.stop.removeEventListener('abort', abort);
    }
    return null;
  }

  private async read(body: ReadableStream<Uint8Array>, watch: Watch): Promise<void> {
    let batch: StreamEvent[] = [];
    const parser = createParser({
      onEvent: ({ id, event, data }) => {
        batch.push({ id: id ?? null, kind: event ?? 'message', data: parsed(data) });
      },
    });
    const text = new TextDecoder();
    const reader = body.getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      watch.heard();
      parser.feed(text.decode(chunk.value, { stream: true }));
      if (batch.length) this.deliver(batch);
      batch = [];
      if (this.stop.aborted) return;
    }
    this.failures += 1;
  }

  private deliver(batch: StreamEvent[]): void {
    this.failures = 0;
    const fresh = batch.filter((event) => {
      if (event.id === null) return true;
      if (!isAfter(event.id, this.last)) return false;
      this.last = event.id;
      return true;
    });
    if (fresh.length) this.options.onEvents(fresh);
    const { isLast } = this.options;
    if (isLast && batch.some((event) => isLast(event))) this.ended = true;
  }

  /** Wait before the next try; the return of the network or of the reader's eyes ends the wait. */
  private pause(): Promise<void> {
    this.tell('waiting');
    const longest = Math.min(FIRST_WAIT_MS * 2 ** Math.min(this.failures, 10), LONGEST_WAIT_MS);
    const wait = longest * (0.5 + Math.random() / 2);
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        window.removeEventListener('online', done);
        this.stop.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, wait);
      window.addEventListener('online', done);
      this.stop.addEventListener('abort', done);
    });
  }

  private untilLookedAt(): Promise<void> {
    this.tell('paused');
    return new Promise((resolve) => {
      const done = () => {
        if (document.hidden && !this.stop.aborted) return;
        this.away = false;
        document.removeEventListener('visibilitychange', done);
        this.stop.removeEventListener('abort', done);
        resolve();
      };
      document.addEventListener('visibilitychange', done);
      this.stop.addEventListener('abort', done);
      done();
    });
  }

  private stopped(): boolean {
    return this.stop.aborted;
  }

  private tell(state: StreamState): void {
    this.options.onState?.(state);
  }
}

/** Says when a connection has been silent for too long, and when nobody has looked at the tab for a while. */
class Watch {
  private readonly onSilence: () => void;
  private readonly onHidden: () => void;
  private silence: ReturnType<typeof setTimeout>;
  private hidden: ReturnType<typeof setTimeout> | undefined;

  constructor(onSilence: () => void, onHidden: () => void) {
    this.onSilence = onSilence;
    this.onHidden = onHidden;
    this.silence = setTimeout(onSilence, SILENCE_MS);
    document.addEventListener('visibilitychange', this.look);
    this.look();
  }

  heard(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(this.onSilence, SILENCE_MS);
  }

  end(): void {
    clearTimeout(this.silence);
    clearTimeout(this.hidden);
    document.removeEventListener('visibilitychange', this.look);
  }

  private readonly look = (): void => {
    clearTimeout(this.hidden);
    if (document.hidden) this.hidden = setTimeout(this.onHidden, HIDDEN_MS);
  };
}

async function refusal(response: Response): Promise<ProblemError | null> {
  const passing = response.status >= 500 || response.status === 429 || response.ok;
  if (passing) {
    await response.body?.cancel();
    throw new Error(`status ${response.status}`);
  }
  const body: unknown = await response.json().catch(() => null);
  return problemOf(body, response);
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data) as unknown;
  } catch {
    return data;
  }
}
