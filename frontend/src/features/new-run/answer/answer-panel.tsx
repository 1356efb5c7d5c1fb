import { Loader } from '@mantine/core';
import { IconCircleCheck, IconMessageQuestion } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { Copyable } from '@/components/copyable';
import { Loading } from '@/components/feedback';
import { DecisionVerdict, Refusal, type NextStep } from '@/components/refusal';
import type { Preview, Reason } from '@/lib/api';
import { newRun } from '@/locales';

import type { Draft } from '../draft';
import { shownLimit } from '../limits/units';
import { limitsQuery } from '../queries';
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
  stepFor: (reason: Reason) => NextStep | null;
  children: ReactNode;
}

/** What policy says to the form as it stands, and the button that asks in earnest. */
export function AnswerPanel({ draft, answer, refused, asked, stepFor, children }: AnswerPanelProps) {
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
          <Refusal error={refused} asked={asked} stepFor={stepFor} />
        ) : (
          <Answered draft={draft} answer={answer} asked={asked} stepFor={stepFor} />
        )}
      </div>
      <div className={classes.submit}>{children}</div>
    </aside>
  );
}

function Answered({ draft, answer, asked, stepFor }: Omit<AnswerPanelProps, 'refused' | 'children'>) {
  const { data, error, request } = answer;
  if (!request) return <Missing draft={draft} />;
  if (error) return <Refusal error={error} asked={asked} stepFor={stepFor} onRetry={answer.askAgain} live={false} />;
  if (!data) return <Loading name={t.heading} rows={3} height={36} />;
  if (data.outcome === 'allow') return <Allowed preview={data} />;
  const title = data.outcome === 'review' ? t.review : t.deny({ n: data.reasons.length });
  return <DecisionVerdict decision={data} title={title} asked={asked} stepFor={stepFor} />;
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

function Allowed({ preview }: { preview: Preview }) {
  const { data: limits = [] } = useQuery(limitsQuery);
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
