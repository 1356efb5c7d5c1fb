import { useId } from 'react';

import { count, plural } from '@/lib/format';
import { audit } from '@/locales';

import { hex, type Bytes } from '../verify/bytes';
import type { Verdict } from '../verify/verify';
import classes from './drawing.module.css';
import { draw, WIDTH, type Drawing, type DrawnEdge, type DrawnNode } from './layout';
import { PathInWords } from './path-in-words';
import { spanShort, spanWords } from './span-words';

const t = audit.proof.drawing;

const ROW = 62;
const TOP = 78;
const NODE = { path: 112, given: 100, height: 38 };
const MIDDLE = WIDTH / 2;
const FOOT = 8;

/** The way from the entry's hash up to the root, drawn; the same in words below it. */
export function ProofDrawing({ verdict }: { verdict: Verdict }) {
  const drawing = draw(verdict);
  const { proof } = verdict;
  if (!drawing || !proof) return <p className={classes.unfit}>{t.unfit}</p>;
  const size = plural(Number(proof.checkpoint.size), audit.entry, audit.entries);
  return (
    <figure className={classes.figure}>
      <Sheet drawing={drawing} size={size} label={t.label({ index: count(Number(proof.index)), size })} />
      <figcaption className={classes.legend}>
        <span data-kind="path">{t.computed}</span>
        <span data-kind="given">{t.fromProof}</span>
      </figcaption>
      <PathInWords verdict={verdict} arrives={drawing.arrives} />
    </figure>
  );
}

function Sheet({ drawing, size, label }: { drawing: Drawing; size: string; label: string }) {
  const height = TOP + (drawing.rows - 1) * ROW + NODE.height / 2 + FOOT;
  const title = useId();
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${height}`}
      className={classes.sheet}
      role="img"
      aria-labelledby={title}
      data-tone={drawing.arrives ? 'good' : 'bad'}
    >
      <title id={title}>{label}</title>
      <Head drawing={drawing} size={size} />
      {drawing.edges.map((edge, at) => (
        <Edge key={at} edge={edge} />
      ))}
      {drawing.nodes.map((node) => (
        <Node key={`${node.x}-${node.row}`} node={node} />
      ))}
    </svg>
  );
}

/** What was signed, above the root: joined with it where both are the same hash. */
function Head({ drawing: { root, arrives }, size }: { drawing: Drawing; size: string }) {
  return (
    <g className={classes.head}>
      <title>{t.signed({ hash: hex(root) })}</title>
      <line x1={MIDDLE} x2={MIDDLE} y1={36} y2={centre(0) - NODE.height / 2} className={classes.join} />
      <text x={MIDDLE + 14} y={53} className={classes.sign}>
        {arrives ? '=' : '≠'}
      </text>
      <rect x={MIDDLE - 84} y={1} width={168} height={35} rx={6} className={classes.checkpoint} />
      <text x={MIDDLE} y={15} className={classes.strong}>
        {t.checkpoint({ size })}
      </text>
      <text x={MIDDLE} y={29} className={classes.hash}>
        {short(root)}
      </text>
    </g>
  );
}

function Edge({ edge: { from, to, kind } }: { edge: DrawnEdge }) {
  const [start, end] = [centre(from.row) - NODE.height / 2, centre(to.row) + NODE.height / 2];
  const bend = (start + end) / 2;
  const path = from.x === to.x ? `M${from.x} ${start}V${end}` : `M${from.x} ${start}V${bend}H${to.x}`;
  return <path d={path} className={classes.edge} data-kind={kind} />;
}

function Node({ node: { kind, x, row, hash, span } }: { node: DrawnNode }) {
  const width = NODE[kind];
  const y = centre(row);
  const words = { span: spanWords(span), hash: hex(hash) };
  return (
    <g className={classes.node} data-kind={kind}>
      <title>{kind === 'path' ? t.node(words) : t.given(words)}</title>
      <rect x={x - width / 2} y={y - NODE.height / 2} width={width} height={NODE.height} rx={6} />
      <text x={x} y={y - 4} className={classes.hash}>
        {short(hash)}
      </text>
      <text x={x} y={y + 11} className={classes.span}>
        {spanShort(span)}
      </text>
    </g>
  );
}

function centre(row: number): number {
  return TOP + row * ROW;
}

function short(hash: Bytes): string {
  return `${hex(hash.slice(0, 5))}…`;
}
