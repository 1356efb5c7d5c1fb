import type { Specimen, Specimens } from '@/lib/specimens';

// Found where they lie: a component's specimens are one file beside it, and nothing here names them.
const found = import.meta.glob<Specimens>('/src/**/*.specimens.tsx', { eager: true, import: 'specimens' });

export interface Section {
  id: string;
  title: string;
  cases: readonly Specimen[];
}

const ORDER = ['Foundations', 'Small things', 'Feedback', 'Refusals', 'Tables', 'Frame'];

/** The sections in the order of the house: from what everything is made of to what the features make. */
export const sections: readonly Section[] = [...new Set(Object.values(found).map(({ section }) => section))]
  .map((title) => ({
    id: title.toLowerCase().replace(/[^a-z]+/g, '-'),
    title,
    cases: Object.values(found)
      .filter(({ section }) => section === title)
      .flatMap(({ cases }) => cases ?? []),
  }))
  .filter(({ cases }) => cases.length)
  .sort((a, b) => rank(a.title) - rank(b.title) || a.title.localeCompare(b.title));

/** What covers the page, by the name of its picture. */
export const pages: Readonly<Record<string, Specimen['show']>> = Object.assign(
  {},
  ...Object.values(found).map((one) => one.pages ?? {}),
) as Record<string, Specimen['show']>;

function rank(title: string): number {
  const place = ORDER.indexOf(title);
  return place < 0 ? ORDER.length : place;
}
