import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { commands, listenForKeys, shownKeys, useCommands, type Command } from '.';

let stop: () => void;
beforeEach(() => {
  stop = listenForKeys();
});
afterEach(() => stop());

function Some({ list }: { list: Command[] }) {
  useCommands(list);
  return <input aria-label="text" />;
}

function command(id: string, keys: string, run = vi.fn()): Command & { run: ReturnType<typeof vi.fn> } {
  return { id, title: id, section: 'Test', keys, run };
}

describe('useCommands', () => {
  it('runs by chord, by plain key and by sequence', async () => {
    const [chord, plain, sequence] = [command('a', 'mod+k'), command('b', '?'), command('c', 'g h')];
    render(<Some list={[chord, plain, sequence]} />);
    await userEvent.keyboard('{Control>}k{/Control}');
    await userEvent.keyboard('{Shift>}?{/Shift}');
    await userEvent.keyboard('gh');
    await userEvent.keyboard('h');
    expect([chord, plain, sequence].map((one) => one.run.mock.calls.length)).toEqual([1, 1, 1]);
  });

  it('leaves plain keys to a text that is typed', async () => {
    const [plain, chord] = [command('a', 'n'), command('b', 'mod+k')];
    const { getByLabelText } = render(<Some list={[plain, chord]} />);
    await userEvent.type(getByLabelText('text'), 'n{Control>}k{/Control}');
    expect(plain.run).not.toHaveBeenCalled();
    expect(chord.run).toHaveBeenCalledOnce();
  });

  it('means the later of two with the same keys, and the first again when that is gone', async () => {
    const [below, above] = [command('a', 'x'), command('b', 'x')];
    render(<Some list={[below]} />);
    const { unmount } = render(<Some list={[above]} />);
    await userEvent.keyboard('x');
    unmount();
    await userEvent.keyboard('x');
    expect([below.run.mock.calls.length, above.run.mock.calls.length]).toEqual([1, 1]);
  });

  it('runs what the last render gave', async () => {
    const [old, fresh] = [command('a', 'x'), command('a', 'x')];
    const { rerender, unmount } = render(<Some list={[old]} />);
    rerender(<Some list={[fresh]} />);
    await userEvent.keyboard('x');
    expect([old.run.mock.calls.length, fresh.run.mock.calls.length]).toEqual([0, 1]);
    unmount();
    expect(commands.get()).toEqual([]);
  });
});

describe('shownKeys', () => {
  it.each([
    ['mod+k', [['Ctrl', 'K']]],
    ['shift+enter', [['Shift', 'Enter']]],
    ['g h', [['G'], ['H']]],
    ['?', [['?']]],
  ])('%s', (keys, shown) => expect(shownKeys(keys)).toEqual(shown));
});
