import { fromBase64, Malformed, type Bytes } from './bytes';
import { numberOf, parseCheckpoint, type Checkpoint } from './notes';

/** A proof file of an entry (C2SP tlog-proof): nothing in it is true until its checkpoint is. */
export interface Proof {
  entry: Bytes;
  index: bigint;
  hashes: Bytes[];
  checkpoint: Checkpoint;
}

const FIRST = 'c2sp.org/tlog-proof@v1';
const MOST_HASHES = 63;

/** Throws Malformed. */
export function parseProof(file: string): Proof {
  const blank = file.indexOf('\n\n');
  if (blank < 0) throw new Malformed('no checkpoint');
  const [first, extra, index, ...lines] = file.slice(0, blank).split('\n');
  if (first !== FIRST || !extra?.startsWith('extra ') || !index?.startsWith('index ')) {
    throw new Malformed('not a proof file of an entry');
  }
  const hashes = lines.map(fromBase64);
  if (hashes.length > MOST_HASHES || hashes.some((each) => each.length !== 32)) throw new Malformed('not hashes');
  return {
    entry: fromBase64(extra.slice('extra '.length)),
    index: numberOf(index.slice('index '.length)),
    hashes,
    checkpoint: parseCheckpoint(file.slice(blank + 2)),
  };
}
