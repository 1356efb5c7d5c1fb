import { describe, expect, it } from 'vitest';

import type { StreamEvent } from '@/lib/events';

import { Assembler } from './assembler';
import { blocksOf } from './blocks';

let next = 0;
function output(number: number, made: unknown, id = `${++next}-0`): StreamEvent {
  return { id, kind: 'output', data: { number, output: made, media_types: [] } };
}
const printed = (text: string, name = 'stdout') => ({ output_type: 'stream', name, text });

function text(assembler: Assembler, number: number): string {
  return (assembler.blocks(number)?.list ?? [])
    .map((one) => (one.kind === 'text' ? one.buffer.text : one.kind))
    .join('|');
}

const assembler = (done: number[] = []) => new Assembler((number) => done.includes(number));

describe('Assembler', () => {
  it('joins what is printed in a row, and keeps the order of everything else', () => {
    const made = assembler();
    made.take([output(1, printed('a\n')), output(1, printed('b\n'))]);
    made.take([output(1, { output_type: 'display_data', data: { 'text/plain': 'x' }, metadata: {} })]);
    made.take([output(1, printed('c', 'stderr')), output(2, printed('other'))]);
    expect(text(made, 1)).toBe('a\nb\n|rich|c');
    expect(text(made, 2)).toBe('other');
  });

  it('takes no event twice, whatever comes again after a lost connection', () => {
    const made = assembler();
    const first = output(1, printed('a'));
    const second = output(1, printed('b'));
    made.take([first, second]);
    made.take([first, second, output(1, printed('c'))]);
    expect(text(made, 1)).toBe('abc');
  });

  it('leaves to the record what is done', () => {
    const made = assembler([1]);
    made.take([output(1, printed('a')), output(2, printed('b'))]);
    expect(made.blocks(1)).toBeNull();
    expect(text(made, 2)).toBe('b');
  });

  it('tells the last state of the run and of each execution', () => {
    const news = assembler().take([
      { id: '100-0', kind: 'execution', data: { number: 1, state: 'running', ended_code: '' } },
      { id: '100-1', kind: 'run', data: { state: 'executing', ended_code: '' } },
      { id: '100-2', kind: 'execution', data: { number: 1, state: 'succeeded', ended_code: 'succeeded' } },
      { id: null, kind: 'run', data: { state: 'ready', ended_code: '' } },
    ]);
    expect(news.run).toBe('ready');
    expect([...news.executions]).toEqual([[1, 'succeeded']]);
  });

  it('says what is withheld, and that the platform says no more', () => {
    const made = assembler();
    const news = made.take([
      { id: '200-0', kind: 'withheld', data: { number: 3, reasons: ['release_too_large'] } },
      { id: null, kind: 'refused', data: { code: 'unauthenticated' } },
    ]);
    expect(made.withheld(3)).toEqual(['release_too_large']);
    expect(news.refused).toBe('unauthenticated');
  });

  it('shows nothing of what it does not understand', () => {
    const made = assembler();
    made.take([output(1, { output_type: 'widget' }), output(1, null), { id: '999-0', kind: 'output', data: 'text' }]);
    expect(text(made, 1)).toBe('');
  });

  it('forgets what the record holds', () => {
    const made = assembler();
    made.take([output(1, printed('a'))]);
    made.forget(1);
    expect(made.blocks(1)).toBeNull();
  });
});

describe('blocks', () => {
  it('know their places among the outputs as the record keeps them', () => {
    const rich = { output_type: 'display_data', data: {}, metadata: {} };
    const live = blocksOf([printed('a'), printed('b'), printed('c', 'stderr'), rich, printed('d'), rich]);
    const recorded = blocksOf([printed('ab'), printed('c', 'stderr'), rich, printed('d'), rich]);
    const places = (made: typeof live) => made.list.flatMap((one) => (one.kind === 'rich' ? [one.index] : []));
    expect(places(live)).toEqual([2, 4]);
    expect(places(recorded)).toEqual([2, 4]);
  });
});
