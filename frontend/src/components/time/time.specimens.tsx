import { at, Row, type Specimens } from '@/lib/specimens';

import { Countdown, Elapsed, RelativeTime } from '.';

export const specimens: Specimens = {
  section: 'Small things',
  cases: [
    {
      name: 'Times',
      show: () => (
        <>
          <Row>
            <RelativeTime at={at(-2)} />
            <RelativeTime at={at(-312)} />
            <RelativeTime at={at(-90_000)} />
            <RelativeTime at={at(-9_000_000)} />
            <RelativeTime at={at(7_300)} future />
          </Row>
          <Row>
            <Countdown until={at(754)} />
            <Countdown until={at(-1)} />
            <Countdown until={at(3_723)} words={false} />
            <Elapsed from={at(-95)} to={at(-1)} />
          </Row>
        </>
      ),
    },
  ],
};
