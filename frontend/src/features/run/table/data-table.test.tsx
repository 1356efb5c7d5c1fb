import { MantineProvider } from '@mantine/core';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';

import { DataTable } from './data-table';
import type { TableData } from './model';

function table(over: Partial<TableData> = {}): TableData {
  return {
    columns: [
      { name: 'n', kind: 'number', index: false },
      { name: '<script>x</script>', kind: 'text', index: false },
    ],
    rows: Array.from({ length: 250 }, (_, n) => [n, `value ${250 - n}`]),
    totalRows: 250,
    totalColumns: 2,
    ...over,
  };
}

function show(data: TableData) {
  render(
    <MantineProvider>
      <DataTable data={data} label="a table" fileName="a.csv" />
    </MantineProvider>,
  );
  return userEvent.setup();
}

const firstCells = () =>
  screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => within(row).getAllByRole('cell')[0]?.textContent);

describe('DataTable', () => {
  it('pages', async () => {
    const user = show(table());
    expect(firstCells()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    await user.click(screen.getByRole('button', { name: 'Next page' }));
    expect(firstCells()[0]).toBe('10');
    await user.selectOptions(screen.getByRole('combobox', { name: 'Rows on a page' }), '100');
    expect(firstCells()).toHaveLength(100);
    expect(screen.getByText('1 of 3')).toBeVisible();
  });

  it('sorts up, down, and not at all', async () => {
    const user = show(table());
    const heading = screen.getByRole('button', { name: /^n$/ });
    await user.click(heading);
    expect(screen.getByRole('columnheader', { name: 'n' })).toHaveAttribute('aria-sort', 'ascending');
    await user.click(heading);
    expect(firstCells()[0]).toBe('249');
    await user.click(heading);
    expect(firstCells()[0]).toBe('0');
  });

  it('filters, and begins again at the first page', async () => {
    const user = show(table());
    await user.click(screen.getByRole('button', { name: 'Next page' }));
    await user.type(screen.getByRole('textbox', { name: 'Filter rows…' }), 'value 25');
    expect(await screen.findByText('2 of 250 rows')).toBeVisible();
    expect(firstCells()).toEqual(['0', '225']);
  });

  it('says when it is not all, and shows names as text', () => {
    show(table({ totalRows: 1_000_000 }));
    expect(screen.getByRole('note')).toHaveTextContent('250 of 1,000,000 rows');
    expect(screen.getByRole('columnheader', { name: '<script>x</script>' })).toBeVisible();
    expect(document.querySelector('script')).toBeNull();
  });
});
