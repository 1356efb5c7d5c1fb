import { Row, type Specimens } from '@/lib/specimens';

import { Keys } from '.';

export const specimens: Specimens = {
  section: 'Small things',
  cases: [
    {
      name: 'Keys',
      show: () => (
        <Row>
          <Keys keys="mod+k" />
          <Keys keys="g r" then="then" />
          <Keys keys="shift+enter" />
          <Keys keys="?" />
        </Row>
      ),
    },
  ],
};
