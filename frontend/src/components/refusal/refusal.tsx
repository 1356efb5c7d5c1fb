import { Button } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBan,
  IconClock,
  IconFileUnknown,
  IconLogin2,
  IconPlugX,
  type Icon,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';

import { Copyable } from '@/components/copyable';
import { useLeft } from '@/components/time';
import { asProblem, UNREACHABLE, type ProblemError, type Reason } from '@/lib/api';
import { copyText } from '@/lib/clipboard';
import { clock } from '@/lib/format';
import { toast } from '@/lib/toasts';
import { components } from '@/locales';

import { exceptionRequest } from './exception';
import { kindOf, toneOf, type Kind } from './kinds';
import classes from './refusal.module.css';
import { Verdict, type NextStep } from './verdict';

const t = components.refusal;

const ICONS: Record<Kind, Icon> = {
  refusal: IconBan,
  signed_out: IconLogin2,
  absent: IconFileUnknown,
  wait: IconClock,
  fault: IconAlertTriangle,
};

const BY_STATUS: Record<number, keyof typeof t.titles> = {
  400: 'invalid',
  409: 'conflict',
  413: 'too_large',
  422: 'invalid',
};

interface RefusalProps {
  /** Whatever was thrown. */
  error: unknown;
  /** What was asked, in the words of who asked: "A run of sales.py in Fraud". */
  asked?: string;
  /** Asks the same again. */
  onRetry?: () => void;
  /** A step that answers one reason. */
  stepFor?: (reason: Reason) => NextStep | null;
  /** Whether a screen reader is interrupted for it; not for what was there when the page came. */
  live?: boolean;
}

/** Every problem that the platform answers: what was asked, which rule, what would pass, and the smallest next step. */
export function Refusal({ error, asked, onRetry, stepFor, live }: RefusalProps) {
  const problem = asProblem(error);
  const kind = kindOf(problem);
  const reasons = reasonsOf(problem);
  const requestId = problem.problem.request_id;
  return (
    <Verdict
      tone={toneOf[kind]}
      icon={problem.code === UNREACHABLE ? IconPlugX : ICONS[kind]}
      title={titleOf(kind, problem)}
      asked={asked}
      reasons={reasons}
      byRule={kind === 'refusal'}
      stepFor={stepFor}
      actions={<Steps kind={kind} problem={problem} reasons={reasons} asked={asked ?? ''} onRetry={onRetry} />}
      footer={
        requestId ? (
          <>
            <span className={classes.term}>{t.requestId}</span> <Copyable text={requestId} name={t.requestId} />
          </>
        ) : undefined
      }
      live={live ?? true}
    />
  );
}

/** A decision of policy that is no error of a request: a preview's answer, or a run that was denied. */
export function DecisionVerdict({
  decision,
  title,
  asked,
  next,
  stepFor,
  actions,
}: {
  decision: { outcome: string; revision: string; reasons: readonly Reason[] };
  title: string;
  asked?: string;
  /** What happens next, where a reviewer has to look. */
  next?: string | undefined;
  stepFor?: (reason: Reason) => NextStep | null;
  /** Steps that stand before those that every decision has. */
  actions?: ReactNode;
}) {
  const review = decision.outcome === 'review';
  return (
    <Verdict
      tone={review ? 'wait' : 'refusal'}
      icon={review ? IconClock : IconBan}
      title={title}
      asked={asked}
      reasons={decision.reasons}
      remedyTerm={review ? t.meanwhile : undefined}
      next={review ? (next ?? t.reviewed) : undefined}
      stepFor={stepFor}
      actions={
        review && !actions ? undefined : (
          <>
            {actions}
            {review ? null : <AskForException asked={asked ?? ''} reasons={decision.reasons} requestId="" />}
          </>
        )
      }
      footer={
        <>
          <span className={classes.term}>{t.revision}</span> <Copyable text={decision.revision} name={t.revision} />
        </>
      }
      live={false}
    />
  );
}

/** Reasons of their own, or the problem itself as the only one. */
function reasonsOf(problem: ProblemError): Reason[] {
  if (problem.reasons.length) return problem.reasons;
  return [{ code: problem.code, message: problem.message, remedy: problem.problem.remedy ?? '' }];
}

function titleOf(kind: Kind, { status, reasons }: ProblemError): string {
  if (kind !== 'refusal') return t.titles[kind];
  if (reasons.length > 1) return t.reasons({ n: reasons.length });
  return t.titles[BY_STATUS[status] ?? 'refusal'];
}

function Steps(props: {
  kind: Kind;
  problem: ProblemError;
  reasons: readonly Reason[];
  asked: string;
  onRetry?: (() => void) | undefined;
}) {
  const { kind, problem, reasons, asked, onRetry } = props;
  const requestId = problem.problem.request_id;
  switch (kind) {
    case 'signed_out':
      return (
        <Button size="xs" component={Link} to="/sign-in">
          {t.signIn}
        </Button>
      );
    case 'absent':
      return (
        <Button size="xs" variant="default" component={Link} to="/">
          {t.toRuns}
        </Button>
      );
    case 'wait':
      return onRetry ? <RetryLater seconds={problem.retryAfterSeconds ?? 0} onRetry={onRetry} /> : null;
    case 'fault':
      return (
        <Button size="xs" variant="default" onClick={onRetry ?? (() => window.location.reload())}>
          {onRetry ? components.retry : t.reload}
        </Button>
      );
    case 'refusal':
      return problem.status === 403 ? <AskForException asked={asked} reasons={reasons} requestId={requestId} /> : null;
  }
}

function RetryLater({ seconds, onRetry }: { seconds: number; onRetry: () => void }) {
  const [end] = useState(() => new Date(Date.now() + seconds * 1_000).toISOString());
  const left = useLeft(end);
  return (
    <Button size="xs" variant="default" disabled={left > 0} onClick={onRetry}>
      {left > 0 ? components.retryIn({ time: clock(left) }) : components.retry}
    </Button>
  );
}

function AskForException(props: { asked: string; reasons: readonly Reason[]; requestId: string }) {
  const copy = async () => {
    const copied = await copyText(exceptionRequest(props.asked, props.reasons, props.requestId));
    toast(copied ? { tone: 'good', title: t.requestCopied } : { tone: 'bad', title: components.copyFailed });
  };
  return (
    <Button size="xs" variant="default" title={t.askForHint} onClick={() => void copy()}>
      {t.askFor}
    </Button>
  );
}
