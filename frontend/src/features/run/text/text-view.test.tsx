import { MantineProvider } from '@mantine/core';
import { fireEvent, render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';

import { TextBuffer } from './buffer';
import { TextView } from './text-view';

it('keeps only the lines in sight in the document, however many there are', () => {
  const buffer = new TextBuffer();
  for (let n = 0; n < 50_000; n += 1) buffer.append(`line ${n}\n`);
  render(
    <MantineProvider>
      <TextView buffer={buffer} label="printed" />
    </MantineProvider>,
  );
  const box = screen.getByRole('region', { name: 'printed' });
  expect(box.querySelectorAll('pre > div').length).toBeLessThan(100);
  expect(screen.getByText('50,000 lines')).toBeInTheDocument();
  Object.defineProperty(box, 'scrollTop', { value: 20 * 30_000, configurable: true });
  fireEvent.scroll(box);
  expect(screen.getByText('line 30000')).toBeInTheDocument();
  expect(screen.queryByText('line 0')).toBeNull();
  expect(box.querySelectorAll('pre > div').length).toBeLessThan(120);
});

it('cuts a line that never ends', () => {
  const buffer = new TextBuffer();
  buffer.append('x'.repeat(100_000));
  render(
    <MantineProvider>
      <TextView buffer={buffer} label="printed" />
    </MantineProvider>,
  );
  expect(screen.getByText(/96,000 more characters/)).toBeInTheDocument();
});
