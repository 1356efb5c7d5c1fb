import { TextBuffer } from '../text/buffer';
import { outputOf, type ErrorOutput, type RichOutput } from './outputs';

/** What is shown below a cell, one below the other: everything printed in a row is one block. */
export type Block =
  | { kind: 'text'; buffer: TextBuffer }
  /** `index`: its place among the outputs as the platform keeps them. */
  | { kind: 'rich'; output: RichOutput; index: number }
  | { kind: 'error'; output: ErrorOutput };

/** Takes outputs in their order, live or from the record, and keeps them as blocks. */
export class Blocks {
  readonly list: Block[] = [];
  /** Grows with every change: compare this, and not the list. */
  version = 0;
  private outputs = 0;
  private lastStream: string | null = null;

  add(value: unknown): void {
    const output = outputOf(value);
    if (!output) {
      this.count(null);
      return;
    }
    this.version += 1;
    if (output.output_type === 'stream') {
      this.count(output.name);
      this.buffer().append(output.text, output.name === 'stderr');
      return;
    }
    const index = this.count(null);
    if (output.output_type === 'error') this.list.push({ kind: 'error', output });
    else this.list.push({ kind: 'rich', output, index });
  }

  /** The place of an output in the record, which joins what one stream printed in a row. */
  private count(stream: string | null): number {
    if (stream === null || stream !== this.lastStream) this.outputs += 1;
    this.lastStream = stream;
    return this.outputs - 1;
  }

  private buffer(): TextBuffer {
    const last = this.list.at(-1);
    if (last?.kind === 'text') return last.buffer;
    const made = new TextBuffer();
    this.list.push({ kind: 'text', buffer: made });
    return made;
  }
}

export function blocksOf(outputs: readonly unknown[]): Blocks {
  const made = new Blocks();
  for (const output of outputs) made.add(output);
  return made;
}
