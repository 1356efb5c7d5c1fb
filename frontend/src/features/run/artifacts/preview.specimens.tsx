import type { Artifact } from '@/lib/api';
import { Seeded, type Specimens } from '@/lib/specimens';

import { Preview } from './preview';

const RUN = '9194f012-4f44-475a-bda6-1e4e7f802cbd';
const rows = Array.from({ length: 12 }, (_, n) => `Adelie,Biscoe,${3_700 + n * 25},${n % 5 ? 'female' : ''}`);
const TABLE = `species,island,body_mass_g,sex\n${rows.join('\n')}\n`;
const bars = [60, 120, 40, 90].map(
  (high, at) => `<rect x="${20 + at * 70}" y="${150 - high}" width="50" height="${high}"/>`,
);
const DRAWING = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="170"><rect width="320" height="170" fill="#fff"/><g fill="#1f7a99">${bars.join('')}</g></svg>`;

/** The dialog on a file whose content has arrived. */
function shown(name: string, media_type: string, content?: object, size = 26_543) {
  const artifact: Artifact = { name, size, sha256: name, media_type };
  const answers: [readonly unknown[], unknown][] = content
    ? [[['runs', RUN, 'artifacts', name, artifact.sha256], content]]
    : [];
  return () => (
    <Seeded answers={answers}>
      <Preview runId={RUN} artifact={artifact} opened onClose={() => undefined} />
    </Seeded>
  );
}

export const specimens: Specimens = {
  section: 'Previews',
  pages: {
    'preview-table': shown('by_island.csv', 'text/csv', { kind: 'table', file: new Blob([TABLE]) }),
    'preview-picture': shown('bars.svg', 'image/svg+xml', {
      kind: 'picture',
      source: `data:image/svg+xml,${encodeURIComponent(DRAWING)}`,
    }),
    'preview-json': shown('t.json', 'application/json', { kind: 'json', value: { species: ['Adelie'], mass: 3_700 } }),
    'preview-text': shown('notes.txt', 'text/plain', {
      kind: 'text',
      text: 'Adelie, in a letter\n'.repeat(8),
      cut: true,
    }),
    'preview-none': shown('model_of_readmissions_by_ward_and_season.bin', 'application/octet-stream'),
    'preview-too-large': shown('everything.parquet', 'application/vnd.apache.parquet', undefined, 80 * 1024 ** 2),
  },
};
