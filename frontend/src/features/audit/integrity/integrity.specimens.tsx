import type { Integrity } from '@/lib/api';
import { at, Seeded, type Specimens } from '@/lib/specimens';

import vectors from '../../../../tests/files/proofs.json';
import { LogCard } from './log-card';
import { integrityQuery } from './queries';

export function aStanding(over: Partial<Integrity> = {}): Integrity {
  return {
    project: vectors.project,
    origin: vectors.origin,
    size: 1_234_567,
    root: '9f86d081884c7d65'.repeat(4),
    checkpoint_at: at(-42),
    lag_seconds: 0.12,
    unintegrated: 0,
    keys: [vectors.otherKey, vectors.key],
    meta: {
      size: 8_910,
      cosigned_at: at(-40),
      witnesses: [{ name: 'witness.example/w1', cosigned_at: at(-40), state: 'ok' }],
    },
    last_verification: { at: at(-9_000), size: 1_234_000, result: 'verified' },
    ...over,
  };
}

const card = (standing: Integrity, name: string) => () => (
  <Seeded answers={[[integrityQuery('p').queryKey, standing]]}>
    <LogCard project="p" name={name} />
  </Seeded>
);
const { meta } = aStanding();

export const specimens: Specimens = {
  section: 'Integrity',
  cases: [
    { name: 'A log that is sound', wide: true, show: card(aStanding(), 'Penguins of the Palmer Archipelago') },
    {
      name: 'A log without witnesses',
      wide: true,
      show: card(
        aStanding({ meta: { ...meta, witnesses: [], cosigned_at: null }, last_verification: null }),
        'Readmissions',
      ),
    },
    {
      name: 'A log in alarm',
      wide: true,
      show: card(
        aStanding({
          lag_seconds: 95,
          unintegrated: 4_321,
          meta: {
            ...meta,
            witnesses: [
              { name: 'witness.example/w1', cosigned_at: at(-4_000), state: 'refusing' },
              { name: 'other.example/w2', cosigned_at: null, state: 'silent' },
            ],
          },
          last_verification: { at: at(-60), size: 1_234_000, result: 'tampered' },
        }),
        'Krankenhausaufnahmewiederholungswahrscheinlichkeitsberechnung',
      ),
    },
  ],
};
