import type { Artifact } from '@/lib/api';
import { Seeded, type Specimens } from '@/lib/specimens';

import { ArtifactRow } from '../artifacts/artifact-row';
import { blocksOf } from '../live/blocks';
import { Outputs } from './outputs';

const PIXELS =
  'iVBORw0KGgoAAAANSUhEUgAAAKAAAABQCAIAAAARP+ljAAAA9ElEQVR4Ae3BUY3bAAAFwb0n8zC+QAiCQDC+IEkJtB+VXF1vtTNfn8+HeI2ojaiNqI2ojaiNqI2ojaiNqI2ojaiNqI2ojagd5P9zPi9uMqI2ojaiNqI2ojaiNqI2ojaiNqI2ojaiNqJ2kL93Pi9u8n49+JdG1EbURtRG1EbURtRG1EbURtRG1EbURtRG1A6MzufFTd6vBz/ZiNqI2ojaiNqI2ojaiNqI2ojaiNqI2ojaiNrBdzifFzd5vx7kz0bURtRG1EbURtRG1EbURtRG1EbURtRG1EbUDn7nfF7c5P16kO8zojaiNqI2ojaiNqI2ojai9gvYLhDWNAwtcQAAAABJRU5ErkJggg==';
const row = (n: number) => `<tr><th>${n}</th><td>Biscoe</td><td>${3_700 + n * 25.5}</td></tr>`;
const TABLE =
  '<table border="1" class="dataframe"><thead><tr><th></th><th>island</th><th>mass</th></tr></thead><tbody>' +
  `${Array.from({ length: 24 }, (_, n) => row(n)).join('')}</tbody></table>`;
const TRACEBACK = [
  '---------------------------------------------------------------------------',
  'KeyError                                  Traceback (most recent call last)',
  'Cell In[6], line 8\n      5     data = load("absent.csv")\n      6     return data\n----> 8 analyse()\n',
  'Cell In[6], line 5, in analyse()\n      4 def analyse():\n----> 5     data = load("absent.csv")\n      6     return data\n',
  'File /usr/lib/python3/site-packages/pandas/io/common.py:873, in get_handle(path)\n--> 873 handle = open(path)\n',
  "KeyError: 'absent'",
];

const stream = (text: string, name = 'stdout') => ({ output_type: 'stream', name, text });
const shown = (data: object) => ({ output_type: 'display_data', data, metadata: {} });
const error = { output_type: 'error', ename: 'KeyError', evalue: "'absent'", traceback: TRACEBACK };

const KINDS: Record<string, readonly object[]> = {
  'Printed text, with colours and a warning': [
    stream('epoch 1 loss 0.5\n\u001b[32mgreen\u001b[0m \u001b[1;31mbold red\u001b[0m \u001b[7minverse\u001b[0m\n'),
    stream('a warning: 3 rows were dropped\n', 'stderr'),
  ],
  'A long line': [stream('x'.repeat(600))],
  'A result as text': [{ output_type: 'execute_result', data: { 'text/plain': '42' }, metadata: {} }],
  'A table': [shown({ 'text/html': TABLE, 'text/plain': 'a table' })],
  'A figure': [shown({ 'image/png': PIXELS, 'text/plain': '<Figure>' })],
  JSON: [shown({ 'application/json': { a: [1, 2, { b: null }], text: 'x'.repeat(80) } })],
  'A traceback': [error],
};

function Shown({ of, stopped = false }: { of: readonly object[]; stopped?: boolean }) {
  return (
    <Outputs
      blocks={blocksOf(of)}
      version={1}
      runId="9194f012-4f44-475a-bda6-1e4e7f802cbd"
      number={6}
      live={false}
      locate={({ line }) => ({ number: 6, line: line ?? 1 })}
      onJump={() => undefined}
      stopped={stopped}
    />
  );
}

const file = (name: string, media_type: string): Artifact => ({ name, size: 26_543, sha256: '', media_type });
const FILES = [
  file('Auswertungsergebnisse_der_Wiederaufnahmewahrscheinlichkeit_nach_Abteilung_2026.csv', 'text/csv'),
  file('t.parquet', 'application/vnd.apache.parquet'),
  file('plot.png', 'image/png'),
  file('report.pdf', 'application/pdf'),
  file('t.json', 'application/json'),
  file('notes.txt', 'text/plain'),
  file('model.bin', 'application/octet-stream'),
];

export const specimens: Specimens = {
  section: 'Outputs',
  cases: [
    ...Object.entries(KINDS).map(([name, of]) => ({ name, wide: true, show: () => <Shown of={of} /> })),
    { name: 'A traceback of what was stopped', wide: true, show: () => <Shown of={[error]} stopped /> },
    {
      name: 'Files',
      show: () => (
        <Seeded answers={[]}>
          {FILES.map((one) => (
            <ArtifactRow key={one.name} runId="9194f012-4f44-475a-bda6-1e4e7f802cbd" artifact={one} />
          ))}
        </Seeded>
      ),
    },
  ],
};
