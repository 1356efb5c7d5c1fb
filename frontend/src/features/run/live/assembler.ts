import type { ExecutionStateEnum, RunStateEnum } from '@/lib/api';
import { isAfter, type StreamEvent } from '@/lib/events';

import { Blocks } from './blocks';
import { isRecord } from './outputs';

/** What a batch of events told, beside the outputs that it brought. */
export interface News {
  /** Where the run stands, if it was told. */
  run: RunStateEnum | null;
  /** Where executions stand, the last that was told of each. */
  executions: Map<number, ExecutionStateEnum>;
  /** The executions that printed or showed something. */
  outputs: Set<number>;
  /** The platform says no more: why. */
  refused: string | null;
}

/**
 * The outputs of the executions that are not done yet, put together from a run's events in their order, each once: an
 * event that comes again after a lost connection changes nothing. What is done is read from the record.
 */
export class Assembler {
  private readonly cells = new Map<number, Blocks>();
  private readonly withheldBy = new Map<number, readonly string[]>();
  private readonly isDone: (number: number) => boolean;
  private last: string | null = null;

  constructor(isDone: (number: number) => boolean) {
    this.isDone = isDone;
  }

  take(events: readonly StreamEvent[]): News {
    const news: News = { run: null, executions: new Map(), outputs: new Set(), refused: null };
    for (const event of events) {
      if (event.id !== null) {
        if (!isAfter(event.id, this.last)) continue;
        this.last = event.id;
      }
      if (isRecord(event.data)) this.apply(event.kind, event.data, news);
    }
    return news;
  }

  /** What has come of an execution so far; null when nothing has. */
  blocks(number: number): Blocks | null {
    return this.cells.get(number) ?? null;
  }

  /** The codes of the rules that keep an execution's outputs back; null when none does. */
  withheld(number: number): readonly string[] | null {
    return this.withheldBy.get(number) ?? null;
  }

  /** The record of the execution is here and holds all that came. */
  forget(number: number): void {
    this.cells.delete(number);
    this.withheldBy.delete(number);
  }

  private apply(kind: string, data: Record<string, unknown>, news: News): void {
    const number = typeof data.number === 'number' ? data.number : null;
    switch (kind) {
      case 'run':
        news.run = data.state as RunStateEnum;
        break;
      case 'refused':
        news.refused = typeof data.code === 'string' ? data.code : '';
        break;
      case 'execution':
        if (number !== null) news.executions.set(number, data.state as ExecutionStateEnum);
        break;
      case 'output':
        if (number !== null && !this.isDone(number)) {
          this.opened(number).add(data.output);
          news.outputs.add(number);
        }
        break;
      case 'withheld':
        if (number !== null && !this.isDone(number)) {
          this.withheldBy.set(number, Array.isArray(data.reasons) ? data.reasons.map(String) : []);
          news.outputs.add(number);
        }
        break;
    }
  }

  private opened(number: number): Blocks {
    const found = this.cells.get(number);
    if (found) return found;
    const made = new Blocks();
    this.cells.set(number, made);
    return made;
  }
}
