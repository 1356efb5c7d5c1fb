import 'react';

type CustomProperties = Record<`--${string}`, string | number | undefined>;

declare module 'react' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type
  interface CSSProperties extends CustomProperties {}
}
