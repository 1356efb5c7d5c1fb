import type { Specimens } from '@/lib/specimens';

import { FilterBar, FilterMenu, Option, SearchField, TimeFilter } from '.';

const nothing = () => undefined;

export const specimens: Specimens = {
  section: 'Filters',
  cases: [
    {
      name: 'Filters',
      wide: true,
      show: () => (
        <FilterBar search={<SearchField label="Search" value="" onSearch={nothing} />} onClear={nothing}>
          <FilterMenu name="Project" value={null}>
            <Option chosen onPick={nothing}>
              All projects
            </Option>
          </FilterMenu>
          <FilterMenu name="Environment" value="python">
            <Option chosen onPick={nothing}>
              python
            </Option>
          </FilterMenu>
          <TimeFilter search={{ time: 'week' }} onSearch={nothing} />
        </FilterBar>
      ),
    },
  ],
};
