import { Button } from '@mantine/core';
import { IconFileSpreadsheet, IconPlayerPlay } from '@tabler/icons-react';

import { problem, type Specimens } from '@/lib/specimens';

import { Empty, ErrorState, Loading, Partial } from '.';

export const specimens: Specimens = {
  section: 'Feedback',
  cases: [
    {
      name: 'Empty page',
      show: () => (
        <Empty
          icon={IconPlayerPlay}
          title="No runs yet"
          action={<Button leftSection={<IconPlayerPlay size={16} />}>New run</Button>}
        >
          Drop a spreadsheet anywhere on this page, and start from there.
        </Empty>
      ),
    },
    {
      name: 'Empty part',
      show: () => (
        <Empty icon={IconFileSpreadsheet} title="No files" size="part">
          Files that you add to the run are listed here.
        </Empty>
      ),
    },
    { name: 'Loading', show: () => <Loading rows={4} /> },
    {
      name: 'Failed',
      show: () => <ErrorState error={problem(503, 'database_unavailable', 'The database does not answer now.')} />,
    },
    {
      name: 'Partial',
      show: () => (
        <Partial onRetry={() => undefined}>The table has 2,000,000 rows; the first 100,000 are here.</Partial>
      ),
    },
  ],
};
