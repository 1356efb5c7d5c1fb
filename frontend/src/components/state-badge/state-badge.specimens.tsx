import type { ExecutionStateEnum, RunStateEnum } from '@/lib/api';
import { Row, type Specimens } from '@/lib/specimens';
import { TONES } from '@/lib/theme';

import { ExecutionStateBadge, executionLooks, RunStateBadge, runLooks, Tag } from '.';

const RUN = Object.keys(runLooks) as RunStateEnum[];
const EXECUTION = Object.keys(executionLooks) as ExecutionStateEnum[];

function Badges({ variant, size }: { variant: 'filled' | 'plain'; size: 'md' | 'sm' }) {
  return (
    <>
      <Row>
        {RUN.map((state) => (
          <RunStateBadge key={state} state={state} variant={variant} size={size} />
        ))}
      </Row>
      <Row>
        {EXECUTION.map((state) => (
          <ExecutionStateBadge key={state} state={state} variant={variant} size={size} />
        ))}
      </Row>
    </>
  );
}

export const specimens: Specimens = {
  section: 'States',
  cases: [
    { name: 'Filled', wide: true, show: () => <Badges variant="filled" size="md" /> },
    { name: 'Filled, small', wide: true, show: () => <Badges variant="filled" size="sm" /> },
    { name: 'Plain', wide: true, show: () => <Badges variant="plain" size="md" /> },
    { name: 'Plain, small', wide: true, show: () => <Badges variant="plain" size="sm" /> },
    {
      name: 'Tags',
      wide: true,
      show: () => (
        <Row>
          {TONES.map((tone) => (
            <Tag key={tone} tone={tone}>
              {tone}
            </Tag>
          ))}
        </Row>
      ),
    },
  ],
};
