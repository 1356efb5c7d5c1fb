import type { Specimens } from '@/lib/specimens';

import { Meter } from '.';

export const specimens: Specimens = {
  section: 'Small things',
  cases: [
    {
      name: 'Meters',
      show: () => (
        <>
          <Meter label="Memory" value={1.2} max={4} text="1.2 GB of 4 GB" />
          <Meter label="Memory" value={3.2} max={4} text="3.2 GB of 4 GB" />
          <Meter label="Memory" value={3.9} max={4} text="3.9 GB of 4 GB" />
          <Meter label="Live runs" value={2} max={3} text="2 of 3" size="sm" />
        </>
      ),
    },
  ],
};
