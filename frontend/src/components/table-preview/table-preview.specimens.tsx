import type { Preview } from '@/lib/preview';
import type { Specimens } from '@/lib/specimens';

import { TablePreview } from '.';

const preview: Preview = {
  format: 'delimited',
  columns: [
    { name: 'Aufnahmediagnosehauptgruppenbezeichnung', type: 'text' },
    { name: 'mass', type: 'number' },
    { name: 'n', type: 'integer' },
    { name: 'seen', type: 'date' },
    { name: 'tagged', type: 'boolean' },
    { name: 'notes', type: 'empty' },
    { name: 'either', type: 'mixed' },
  ],
  rows: [
    ['Herz-Kreislauf-Erkrankungen', '3700.5', '1', '2026-03-01', 'true', null, 'x'],
    ['Atemwegserkrankungen', null, '2', '2026-03-02', 'false', null, '7'],
  ],
  totalRows: 344,
  totalColumns: 17,
  more: true,
  sheets: [],
  sheet: 0,
};

export const specimens: Specimens = {
  section: 'Tables',
  cases: [
    {
      name: 'The first rows of a file',
      wide: true,
      show: () => <TablePreview preview={preview} name="penguins.csv" />,
    },
  ],
};
