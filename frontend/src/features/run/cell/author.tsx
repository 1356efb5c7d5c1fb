import { Popover, UnstyledButton } from '@mantine/core';
import { IconSparkles, IconUser } from '@tabler/icons-react';

import { Tag } from '@/components/state-badge';
import type { Execution, Run } from '@/lib/api';
import { run } from '@/locales';

import { visible, visibleName } from '@/lib/visible';
import classes from './cell.module.css';

const t = run.author;

interface AuthorProps {
  execution: Execution;
  /** Who asked for the run: nobody else adds code to it. */
  owner: Run['owner'];
  onCorrects: (number: number) => void;
}

/** Who or what wrote the code: a person, or a model with its name, its prompt and the attempt that it corrects. */
export function Author({ execution: { origin }, owner, onCorrects }: AuthorProps) {
  const { kind, model, prompt, corrects } = origin;
  const name = visibleName(model).slice(0, 120);
  if (kind === 'person' && !model) {
    return (
      <span className={classes.author}>
        <IconUser size={13} aria-hidden />
        <bdi>{visibleName(owner.name)}</bdi>
      </span>
    );
  }
  return (
    <span className={classes.author}>
      <Popover width={420} position="bottom-start" withinPortal trapFocus>
        <Popover.Target>
          <UnstyledButton className={classes.model}>
            <Tag tone="refusal">
              <IconSparkles size={12} aria-hidden /> {name || t.model}
            </Tag>
          </UnstyledButton>
        </Popover.Target>
        <Popover.Dropdown>
          <p className={classes.promptTitle}>{t.wroteIt({ name: name || t.model })}</p>
          {prompt === null || prompt === '' ? (
            <p className={classes.absent}>{t.noPrompt}</p>
          ) : (
            <>
              <p className={classes.promptLabel}>{t.prompt}</p>
              {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
              <pre className={classes.prompt} tabIndex={0}>
                {visible(prompt)}
              </pre>
            </>
          )}
        </Popover.Dropdown>
      </Popover>
      {corrects !== null ? (
        <UnstyledButton className={classes.corrects} onClick={() => onCorrects(corrects)}>
          {t.corrects({ number: corrects })}
        </UnstyledButton>
      ) : null}
    </span>
  );
}
