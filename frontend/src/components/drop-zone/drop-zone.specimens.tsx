import type { Specimens } from '@/lib/specimens';

import { DropZone } from '.';

const nothing = () => undefined;

export const specimens: Specimens = {
  section: 'Small things',
  cases: [
    {
      name: 'Where files are dropped',
      show: () => (
        <>
          <DropZone
            title="Drop files here, paste them, or press to choose"
            hint="CSV, Excel, Parquet."
            onFiles={nothing}
          />
          <DropZone title="Add files" onFiles={nothing} size="sm" />
        </>
      ),
    },
  ],
};
