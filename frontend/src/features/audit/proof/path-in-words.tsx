import { count } from '@/lib/format';
import { audit } from '@/locales';

import { hex } from '../verify/bytes';
import type { Verdict } from '../verify/verify';
import { spanWords } from './span-words';
import classes from './drawing.module.css';

const t = audit.proof.drawing;

/** What the drawing shows, step by step, with every hash in full. */
export function PathInWords({ verdict: { proof, leaf, steps }, arrives }: { verdict: Verdict; arrives: boolean }) {
  if (!proof || !leaf || !steps) return null;
  const root = { hash: hex(proof.checkpoint.root) };
  return (
    <details className={classes.words}>
      <summary>{t.words}</summary>
      <ol>
        <li>{t.first({ index: count(Number(proof.index)), hash: hex(leaf) })}</li>
        {steps.map(({ side, sibling, siblingSpan, node }, at) => (
          <li key={at}>{t[side]({ hash: hex(sibling), span: spanWords(siblingSpan), made: hex(node) })}</li>
        ))}
        <li>{arrives ? t.equal(root) : t.differs(root)}</li>
      </ol>
    </details>
  );
}
