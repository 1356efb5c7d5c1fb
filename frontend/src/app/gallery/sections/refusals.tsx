import { DecisionVerdict, Refusal } from '@/components/refusal';
import { unreachable, type Reason } from '@/lib/api';

import { Case, Grid } from '../case';
import { problem, reasons } from '../samples';

const step = (reason: Reason) =>
  reason.code === 'package_not_allowed' ? { label: 'Take evil out', run: () => undefined } : null;
const retry = () => undefined;

export function Refusals() {
  return (
    <Grid>
      <Case name="Policy, two rules, a step for one">
        <Refusal
          error={problem(403, 'policy_denied', 'Policy says no.', { reasons })}
          asked="A run with evil==1.0 and 64 GB"
          stepFor={step}
          live={false}
        />
      </Case>
      <Case name="One rule">
        <Refusal
          error={problem(409, 'already_finished', 'The run has finished.', {
            remedy: 'Run its code again as a new run.',
          })}
          live={false}
        />
      </Case>
      <Case name="Signed out">
        <Refusal error={problem(401, 'token_missing', 'You are not signed in.')} live={false} />
      </Case>
      <Case name="Absent">
        <Refusal error={problem(404, 'not_found', 'There is no such run, or it is not yours to see.')} live={false} />
      </Case>
      <Case name="Too many">
        <Refusal
          error={problem(429, 'queue_full', 'The queue is full.', { remedy: 'Wait until a run has ended.' })}
          onRetry={retry}
          live={false}
        />
      </Case>
      <Case name="Fault">
        <Refusal
          error={problem(500, 'internal_error', 'Something broke on our side; nothing more was done.')}
          onRetry={retry}
          live={false}
        />
      </Case>
      <Case name="No answer">
        <Refusal error={unreachable()} onRetry={retry} live={false} />
      </Case>
      <Case name="Fault of the console">
        <Refusal error={new Error('x is not a function')} live={false} />
      </Case>
      <Case name="Decision: no">
        <DecisionVerdict
          title="Policy would say no"
          decision={{ outcome: 'deny', revision: `sha256:${'ab'.repeat(32)}`, reasons: reasons.slice(0, 1) }}
          stepFor={step}
        />
      </Case>
      <Case name="Decision: review">
        <DecisionVerdict
          title="A reviewer has to approve this"
          decision={{
            outcome: 'review',
            revision: `sha256:${'ab'.repeat(32)}`,
            reasons: [{ code: 'package_needs_review', message: 'packages: torch is allowed after review', remedy: '' }],
          }}
        />
      </Case>
    </Grid>
  );
}
