import {
  IconAlertOctagon,
  IconCheck,
  IconHelp,
  IconShieldCheck,
  IconShieldHalf,
  IconShieldX,
  type Icon,
} from '@tabler/icons-react';

import { Copyable } from '@/components/copyable';
import { plural } from '@/lib/format';
import type { Tone } from '@/lib/theme';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

import type { Check, Result, Verdict } from '../verify/verify';
import classes from './proof.module.css';
import type { Checked } from './use-verdict';

const t = audit.proof;

const RESULTS: Record<Result, { tone: Tone; icon: Icon }> = {
  verified: { tone: 'good', icon: IconShieldCheck },
  partly: { tone: 'wait', icon: IconShieldHalf },
  failed: { tone: 'bad', icon: IconShieldX },
};
const CHECKS: Record<Check['result'], { tone: Tone; icon: Icon }> = {
  holds: { tone: 'good', icon: IconCheck },
  fails: { tone: 'bad', icon: IconAlertOctagon },
  unknown: { tone: 'wait', icon: IconHelp },
};

/** What this browser found, check by check, and by whose key. */
export function Checks({ verdict, source, spoiled }: Checked & { spoiled: boolean }) {
  const { tone, icon: Icon } = RESULTS[verdict.result];
  const [word, sentence] = t.results[verdict.result];
  return (
    <div className={classes.verdict} data-tone={tone}>
      <div role="status" className={classes.result}>
        <Icon size={22} aria-hidden />
        <p>
          <strong>{word}</strong> {sentence}
        </p>
      </div>
      {spoiled ? <p className={classes.spoiled}>{t.tools.spoiled}</p> : null}
      <ul className={classes.checks}>
        {verdict.checks.map((check) => (
          <OneCheck key={check.name} check={check} />
        ))}
      </ul>
      <Facts verdict={verdict} />
      <p className={classes.source}>{source === 'pasted' ? t.keys.pastedHint : t.keys.listedHint}</p>
    </div>
  );
}

function OneCheck({ check: { name, result, why } }: { check: Check }) {
  const { tone, icon: Icon } = CHECKS[result];
  return (
    <li data-tone={tone}>
      <Icon size={16} aria-hidden />
      <span>
        <span className={classes.state}>{t.states[result]}</span> {t.checks[name]}
        {why ? <span className={classes.why}>{t.why[why]}</span> : null}
      </span>
    </li>
  );
}

function Facts({ verdict: { proof, signer } }: { verdict: Verdict }) {
  if (!proof) return null;
  const { origin, size } = proof.checkpoint;
  return (
    <dl className={classes.facts}>
      <div>
        <dt>{t.checkpoint}</dt>
        <dd>
          {t.checkpointOf({ entries: plural(Number(size), audit.entry, audit.entries) })}{' '}
          <span className={classes.origin}>{visibleName(origin)}</span>
        </dd>
      </div>
      {signer ? (
        <div>
          <dt>{t.signedBy}</dt>
          <dd>
            <Copyable text={signer.line} name={t.signedBy} shown={`…+${signer.id}`} />
          </dd>
        </div>
      ) : null}
    </dl>
  );
}
