import { Button } from '@mantine/core';
import type { Icon } from '@tabler/icons-react';
import { useId, type ReactNode } from 'react';

import type { Reason } from '@/lib/api';
import type { Tone } from '@/lib/theme';
import { visible } from '@/lib/visible';
import { components } from '@/locales';

import classes from './refusal.module.css';

const t = components.refusal;

/** The smallest thing that the reader can do now. */
export interface NextStep {
  label: string;
  run: () => void;
}

export interface VerdictProps {
  tone: Tone;
  icon: Icon;
  title: string;
  /** What was asked, in the words of who asked. */
  asked?: string | undefined;
  reasons: readonly Reason[];
  /** Whether rules said it; what broke or is not there has a code and no rule. */
  byRule?: boolean;
  /** What a remedy is called, where it does not tell what would pass. */
  remedyTerm?: string | undefined;
  /** What happens next without the reader, when it is a not yet. */
  next?: string | undefined;
  /** A step that answers one reason, such as taking the refused package out. */
  stepFor?: ((reason: Reason) => NextStep | null) | undefined;
  /** Steps for the whole. */
  actions?: ReactNode;
  /** Where it is recorded. */
  footer?: ReactNode;
  /** Whether a screen reader is interrupted for it. */
  live?: boolean;
}

/** A no (or a not yet) with everything that there is to know about it. */
export function Verdict(props: VerdictProps) {
  const { tone, icon: Icon, title, asked, reasons, byRule = true, next, stepFor, actions, footer, live = true } = props;
  const remedyTerm = props.remedyTerm ?? (byRule ? t.passes : t.next);
  const heading = useId();
  return (
    <section className={classes.card} data-tone={tone} aria-labelledby={heading} role={live ? 'alert' : undefined}>
      <header className={classes.header}>
        <Icon size={18} stroke={2} className={classes.icon} aria-hidden />
        <div className={classes.titles}>
          <p className={classes.title} id={heading}>
            {title}
          </p>
          {asked ? (
            <p className={classes.asked}>
              <span className={classes.term}>{t.asked}</span> {visible(asked)}
            </p>
          ) : null}
        </div>
      </header>
      <ul className={classes.reasons}>
        {reasons.map((reason, at) => (
          <ReasonItem
            key={`${reason.code}-${at}`}
            reason={reason}
            remedyTerm={remedyTerm}
            codeTerm={byRule ? t.rule : t.code}
            step={stepFor?.(reason) ?? null}
          />
        ))}
      </ul>
      {next ? (
        <p className={classes.next}>
          <span className={classes.term}>{t.after}</span> {next}
        </p>
      ) : null}
      {actions ? <div className={classes.actions}>{actions}</div> : null}
      {footer ? <footer className={classes.footer}>{footer}</footer> : null}
    </section>
  );
}

interface ReasonItemProps {
  reason: Reason;
  remedyTerm: string;
  codeTerm: string;
  step: NextStep | null;
}

function ReasonItem({ reason: { code, message, remedy }, remedyTerm, codeTerm, step }: ReasonItemProps) {
  return (
    <li className={classes.reason}>
      <div className={classes.what}>
        <p className={classes.message}>{visible(message)}</p>
        {remedy ? (
          <p className={classes.remedy}>
            <span className={classes.term}>{remedyTerm}</span> {visible(remedy)}
          </p>
        ) : null}
        <p className={classes.rule}>
          <span className={classes.term}>{codeTerm}</span> <code>{code}</code>
        </p>
      </div>
      {step ? (
        <Button size="compact-sm" variant="default" className={classes.step} onClick={step.run}>
          {step.label}
        </Button>
      ) : null}
    </li>
  );
}
