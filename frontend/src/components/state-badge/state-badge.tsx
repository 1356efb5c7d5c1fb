import { Tooltip } from '@mantine/core';
import { clsx } from 'clsx';
import type { ReactNode } from 'react';

import type { ExecutionStateEnum, RunStateEnum } from '@/lib/api';
import type { Tone } from '@/lib/theme';
import { states as t } from '@/locales';

import classes from './state-badge.module.css';
import { executionLooks, runLooks, type Look } from './states';

interface Shape {
  /** `plain` has no ground: for rows of a table, where many stand below one another. */
  variant?: 'filled' | 'plain';
  size?: 'sm' | 'md';
}

/** The state of a run: sign, word and colour, and a sentence for who stays on it. */
export function RunStateBadge({ state, ...shape }: { state: RunStateEnum } & Shape) {
  const [word, sentence] = t.run[state];
  return <StateBadge look={runLooks[state]} word={word} sentence={sentence} {...shape} />;
}

/** The state of an execution, likewise. */
export function ExecutionStateBadge({ state, ...shape }: { state: ExecutionStateEnum } & Shape) {
  const [word, sentence] = t.execution[state];
  return <StateBadge look={executionLooks[state]} word={word} sentence={sentence} {...shape} />;
}

/** A badge of the same build for any other state, such as a part's health. */
export function StateBadge({
  look,
  word,
  sentence,
  variant = 'filled',
  size = 'md',
}: { look: Look; word: string; sentence?: string } & Shape) {
  const Icon = look.icon;
  const badge = (
    <span className={clsx(classes.badge, classes[variant], classes[size])} data-tone={look.tone}>
      <Icon
        className={clsx(classes.icon, look.moving && classes.moving)}
        size={size === 'sm' ? 13 : 15}
        stroke={2}
        aria-hidden
      />
      <span className={classes.word}>{word}</span>
    </span>
  );
  return sentence ? (
    <Tooltip label={sentence} multiline maw={280}>
      {badge}
    </Tooltip>
  ) : (
    badge
  );
}

/** A short word on a ground of its tone: a kind, a count, a mark. */
export function Tag({ tone = 'quiet', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span className={clsx(classes.badge, classes.filled, classes.sm)} data-tone={tone}>
      <span className={classes.word}>{children}</span>
    </span>
  );
}
