import { Row, type Specimens } from '@/lib/specimens';

import { Copyable, CopyButton } from '.';

export const specimens: Specimens = {
  section: 'Small things',
  cases: [
    {
      name: 'Copyable',
      show: () => (
        <Row>
          <Copyable text="f37b4b41-1e77-4ca6-8585-fb20e9174ef6" name="run id" />
          <Copyable text={`sha256:${'9ee08c0b9687c07f'.repeat(4)}`} name="image digest" />
          <Copyable text="short" name="name" />
          <CopyButton text="print(1)" name="code of cell 1" />
        </Row>
      ),
    },
  ],
};
