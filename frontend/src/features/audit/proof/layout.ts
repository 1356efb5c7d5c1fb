import type { Bytes } from '../verify/bytes';
import { same } from '../verify/bytes';
import type { Span } from '../verify/merkle';
import type { Verdict } from '../verify/verify';

/** `path`: computed here, from the leaf upwards. `given`: a hash of the proof. */
export interface DrawnNode {
  kind: 'path' | 'given';
  /** Its place on the sheet: centre and row, the root's row being 0. */
  x: number;
  row: number;
  hash: Bytes;
  span: Span;
}

export interface DrawnEdge {
  from: { x: number; row: number };
  to: { x: number; row: number };
  kind: DrawnNode['kind'];
}

export interface Drawing {
  rows: number;
  nodes: DrawnNode[];
  edges: DrawnEdge[];
  root: Bytes;
  /** Whether the way up ends at the root that the checkpoint has. */
  arrives: boolean;
}

export const WIDTH = 336;
const SPINE = WIDTH / 2;
const SIDE = { left: 52, right: WIDTH - 52 } as const;

/** Where everything stands: the way up in the middle, the hash beside each of its nodes on the side where it belongs. */
export function draw({ proof, leaf, steps }: Verdict): Drawing | null {
  if (!proof || !leaf || !steps) return null;
  const last = steps.length;
  const spine = (row: number) => ({ x: SPINE, row });
  const nodes: DrawnNode[] = [
    { kind: 'path', ...spine(last), hash: leaf, span: { from: proof.index, to: proof.index + 1n } },
  ];
  const edges: DrawnEdge[] = [];
  for (const [at, { side, sibling, siblingSpan, node, span }] of steps.entries()) {
    const below = last - at;
    const beside = { x: SIDE[side], row: below };
    nodes.push({ kind: 'given', ...beside, hash: sibling, span: siblingSpan });
    nodes.push({ kind: 'path', ...spine(below - 1), hash: node, span });
    edges.push({ from: spine(below), to: spine(below - 1), kind: 'path' });
    edges.push({ from: beside, to: spine(below - 1), kind: 'given' });
  }
  const root = steps.at(-1)?.node ?? leaf;
  return { rows: last + 1, nodes, edges, root: proof.checkpoint.root, arrives: same(root, proof.checkpoint.root) };
}
