// What the gallery shows of a component. Imported by `*.specimens.tsx` alone, so no part of the console's build.
import type { ReactNode } from 'react';

export { Row } from './case';
export { at, me, NOW, problem, reasons } from './samples';
export { aCell, aRun } from './run';
export { Seeded } from './seeded';

/** One state of a component, and what it is. */
export interface Specimen {
  name: string;
  show: () => ReactNode;
  /** In the width of the page, for what is not seen in a third of it. */
  wide?: boolean;
}

/** What a `*.specimens.tsx` exports as `specimens`. */
export interface Specimens {
  /** The section of the gallery, which is one picture; small components share one. */
  section: string;
  cases?: readonly Specimen[];
  /** What covers the page: shown, and pictured, by itself. By the name of the picture. */
  pages?: Readonly<Record<string, () => ReactNode>>;
}
