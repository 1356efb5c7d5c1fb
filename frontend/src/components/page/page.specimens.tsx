import { Button } from '@mantine/core';

import type { Specimens } from '@/lib/specimens';

import { Page, Section } from '.';

export const specimens: Specimens = {
  section: 'Frame',
  cases: [
    {
      name: 'A page and a part of it',
      wide: true,
      show: () => (
        <Page title="Readmissions" lead="Every ward, the last three years." actions={<Button>Run again</Button>}>
          <Section title="Inputs" lead="What the run was given." actions={<Button size="xs">Add</Button>}>
            344 rows.
          </Section>
        </Page>
      ),
    },
  ],
};
