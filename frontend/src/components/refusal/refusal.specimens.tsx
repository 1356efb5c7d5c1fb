import { unreachable, type Reason } from '@/lib/api';
import { problem, reasons, type Specimens } from '@/lib/specimens';

import { DecisionVerdict, Refusal } from '.';

const step = (reason: Reason) =>
  reason.code === 'package_not_allowed' ? { label: 'Take evil out', run: () => undefined } : null;
const retry = () => undefined;

export const specimens: Specimens = {
  section: 'Refusals',
  cases: [
    {
      name: 'Policy, two rules, a step for one',
      show: () => (
        <Refusal
          error={problem(403, 'policy_denied', 'Policy says no.', { reasons })}
          asked="A run with evil==1.0 and 64 GB"
          stepFor={step}
          live={false}
        />
      ),
    },
    {
      name: 'One rule',
      show: () => (
        <Refusal
          error={problem(409, 'already_finished', 'The run has finished.', {
            remedy: 'Run its code again as a new run.',
          })}
          live={false}
        />
      ),
    },
    {
      name: 'Signed out',
      show: () => <Refusal error={problem(401, 'token_missing', 'You are not signed in.')} live={false} />,
    },
    {
      name: 'Absent',
      show: () => (
        <Refusal error={problem(404, 'not_found', 'There is no such run, or it is not yours to see.')} live={false} />
      ),
    },
    {
      name: 'Too many',
      show: () => (
        <Refusal
          error={problem(429, 'queue_full', 'The queue is full.', { remedy: 'Wait until a run has ended.' })}
          onRetry={retry}
          live={false}
        />
      ),
    },
    {
      name: 'Fault',
      show: () => (
        <Refusal
          error={problem(500, 'internal_error', 'Something broke on our side; nothing more was done.')}
          onRetry={retry}
          live={false}
        />
      ),
    },
    { name: 'No answer', show: () => <Refusal error={unreachable()} onRetry={retry} live={false} /> },
    { name: 'Fault of the console', show: () => <Refusal error={new Error('x is not a function')} live={false} /> },
    {
      name: 'Decision: no',
      show: () => (
        <DecisionVerdict
          title="Policy would say no"
          decision={{ outcome: 'deny', revision: `sha256:${'ab'.repeat(32)}`, reasons: reasons.slice(0, 1) }}
          stepFor={step}
        />
      ),
    },
    {
      name: 'Decision: review',
      show: () => (
        <DecisionVerdict
          title="A reviewer has to approve this"
          decision={{
            outcome: 'review',
            revision: `sha256:${'ab'.repeat(32)}`,
            reasons: [{ code: 'package_needs_review', message: 'packages: torch is allowed after review', remedy: '' }],
          }}
        />
      ),
    },
  ],
};
