import type { OfferedReceipt } from '@/lib/api';
import { aCell, aRun, Seeded, type Specimens } from '@/lib/specimens';

import { executionQuery } from '../queries';
import { Receipt, ReceiptDialog } from './receipt';

const RUN = aRun().id;
const offer = (state: OfferedReceipt['state']): OfferedReceipt => ({
  href: `/api/v1/runs/${RUN}/executions/1/receipt`,
  state,
});
const seeds = [[executionQuery(RUN, 1).queryKey, aCell()]] as const;
const dialog = (state: OfferedReceipt['state']) => (
  <Seeded answers={seeds}>
    <ReceiptDialog runId={RUN} number={1} offered={offer(state)} />
  </Seeded>
);

export const specimens: Specimens = {
  section: 'Receipt',
  cases: [
    {
      name: 'Its control',
      show: () => (
        <Seeded answers={seeds}>
          <Receipt runId={RUN} number={1} offered={offer('available')} />
        </Seeded>
      ),
    },
    { name: 'Signed', wide: true, show: () => dialog('available') },
    { name: 'Being signed', wide: true, show: () => dialog('waiting') },
  ],
};
