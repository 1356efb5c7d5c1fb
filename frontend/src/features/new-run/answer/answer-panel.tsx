import { Loader } from '@mantine/core';
import { IconCircleCheck, IconMessageQuestion } from '@tabler/icons-react';
import type { ReactNode } from 'react';

import { Copyable } from '@/components/copyable';
import { Loading } from '@/components/feedback';
import { DecisionVerdict, Refusal, type NextStep } from '@/components/refusal';
import type { Limit, Preview, Reason } from '@/lib/api';
import { newRun } from '@/locales';

import type { Draft } from '../draft';
import { shownLimit } from '../limits/units';
import { readable, readableError } from '../readable';
import classes from './answer.module.css';
import type { Answer } from './use-answer';

const t = newRun.answer;
const LIMITS_SHOWN = 4;

interface AnswerPanelProps {
  draft: Draft;
  answer: Answer;
  /** What the platform said when the run was really asked for. */
  refused: unknown;
  asked: string;
  limits: readonly Limit[];
  stepFor: (reason: Reason) => NextStep | null;
  children: ReactNode;
}

/** What policy says to the form as it stands, and the button that asks in earnest. */
export function AnswerPanel({ refused, children, ...shown }: AnswerPanelProps) {
  const { answer, asked, limits, stepFor } = shown;
  const { asking, data, error } = answer;
  return (
    <aside className={classes.panel} aria-label={t.heading}>
      <header className={classes.header}>
        <h2 className={classes.heading}>{t.heading}</h2>
        <span className={classes.state} role="status">
          {asking ? (
            <>
              <Loader size={11} /> {data ? t.askingAgain : t.asking}
            </>
          ) : data && answer.request ? (
            t.current
          ) : null}
        </span>
      </header>
      <div className={classes.body} data-stale={(asking && Boolean(data ?? error)) || undefined} aria-busy={asking}>
        {refused ? (
          <Refusal error={readableError(refused, limits)} asked={asked} stepFor={stepFor} />
        ) : (
          <Answered {...shown} />
        )}
      </div>
      <div className={classes.submit}>{children}</div>
    </aside>
  );
}

function Answered({ draft, answer, asked, limits, stepFor }: Omit<AnswerPanelProps, 'refused' | 'children'>) {
  const { data, error, request } = answer;
  if (!request) return <Missing draft={draft} />;
  if (error) {
    const readableOne = readableError(error, limits);
    return <Refusal error={readableOne} asked={asked} stepFor={stepFor} onRetry={answer.askAgain} live={false} />;
  }
  if (!data) return <Loading name={t.heading} rows={3} height={36} />;
  if (data.outcome === 'allow') return <Allowed preview={data} limits={limits} />;
  const title = data.outcome === 'review' ? t.review : t.deny({ n: data.reasons.length });
  const decision = { ...data, reasons: data.reasons.map((reason) => readable(reason, limits)) };
  return <DecisionVerdict decision={decision} title={title} asked={asked} stepFor={stepFor} />;
}

function Missing({ draft }: { draft: Draft }) {
  return (
    <div className={classes.missing}>
      <IconMessageQuestion size={20} stroke={1.5} aria-hidden />
      <div>
        <p className={classes.missingTitle}>{t.missing.title}</p>
        <ul>
          {draft.project ? null : <li>{t.missing.project}</li>}
          {draft.purpose.trim() ? null : <li>{t.missing.purpose}</li>}
        </ul>
      </div>
    </div>
  );
}

function Allowed({ preview, limits }: { preview: Preview; limits: readonly Limit[] }) {
  return (
    <section className={classes.allowed} data-tone="good">
      <p className={classes.verdict}>
        <IconCircleCheck size={18} aria-hidden />
        {t.allow}
      </p>
      <p className={classes.hint}>{t.allowHint}</p>
      <dl className={classes.limits}>
        {limits.slice(0, LIMITS_SHOWN).map((limit) => (
          <div key={limit.name}>
            <dt>{limit.title}</dt>
            <dd>{shownLimit(limit, preview.limits[limit.name] ?? limit.default)}</dd>
          </div>
        ))}
      </dl>
      {preview.closure.length ? (
        <details className={classes.closure}>
          <summary>{t.closure({ n: preview.closure.length })}</summary>
          <ul>
            {preview.closure.map((pin) => (
              <li key={pin}>
                <code>{pin}</code>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      <p className={classes.revision}>
        {t.revision} <Copyable text={preview.revision} name={t.revision} />
      </p>
    </section>
  );
}
