import { joined, type Bytes } from './bytes';
import { sha256 } from './crypto';

/** One step of a path: a hash that the proof gives, and what it makes together with the one below. */
export interface Step {
  /** Where the given hash stands. */
  side: 'left' | 'right';
  sibling: Bytes;
  /** The entries [from, to) below the given hash. */
  siblingSpan: Span;
  node: Bytes;
  /** The entries [from, to) below the node that both make. */
  span: Span;
}

export interface Span {
  from: bigint;
  to: bigint;
}

export function leafHash(entry: Bytes): Promise<Bytes> {
  return sha256(joined(Uint8Array.of(0), entry));
}

export function nodeHash(left: Bytes, right: Bytes): Promise<Bytes> {
  return sha256(joined(Uint8Array.of(1), left, right));
}

/**
 * The way from a leaf to the root of a tree of `size` entries (RFC 9162, 2.1.3.2), with what lies below each node; null
 * if the proof has not as many hashes as this place needs. The last node is the root that the proof leads to.
 */
export async function climb(index: bigint, size: bigint, leaf: Bytes, proof: readonly Bytes[]): Promise<Step[] | null> {
  if (index < 0n || index >= size) return null;
  const places = pathOf(index, size);
  if (places.length !== proof.length) return null;
  const steps: Step[] = [];
  let node = leaf;
  for (const [at, place] of places.entries()) {
    const sibling = proof[at];
    if (!sibling) return null;
    node = place.side === 'left' ? await nodeHash(sibling, node) : await nodeHash(node, sibling);
    steps.push({ ...place, sibling, node });
  }
  return steps;
}

type Place = Omit<Step, 'sibling' | 'node'>;

/** The siblings that lead from a leaf to the root, from below: a tree splits at the largest power of two below its size. */
export function pathOf(index: bigint, size: bigint): Place[] {
  const places: Place[] = [];
  let [from, to] = [0n, size];
  while (to - from > 1n) {
    const middle = from + split(to - from);
    const span = { from, to };
    if (index < middle) {
      places.push({ side: 'right', siblingSpan: { from: middle, to }, span });
      to = middle;
    } else {
      places.push({ side: 'left', siblingSpan: { from, to: middle }, span });
      from = middle;
    }
  }
  return places.reverse();
}

function split(size: bigint): bigint {
  let power = 1n;
  while (power * 2n < size) power *= 2n;
  return power;
}
