import { Button, CloseButton, Portal, VisuallyHidden } from '@mantine/core';
import { useEffect, useRef } from 'react';

import { announcement } from '@/lib/announce';
import { useStore } from '@/lib/store';
import { dismiss, toasts, type Toast, type ToastAction } from '@/lib/toasts';
import { components as t } from '@/locales';

import classes from './toasts.module.css';

const SHOWN_MS = 6_000;

/** The place where toasts appear, and the live region for announcements. Once in the shell. */
export function Toasts() {
  const shown = useStore(toasts);
  const { text, turn } = useStore(announcement);
  return (
    <>
      <Portal>
        <section className={classes.stack} aria-label={t.notifications}>
          {shown.map((one) => (
            <ToastCard key={one.id} toast={one} />
          ))}
        </section>
      </Portal>
      {/* A change of the text is what is read: a second announcement of the same text needs one too. */}
      <VisuallyHidden aria-live="polite" role="status">
        {text}
        {turn % 2 ? '\u00a0' : ''}
      </VisuallyHidden>
    </>
  );
}

function ToastCard({ toast }: { toast: Toast }) {
  const card = useRef<HTMLDivElement>(null);
  const { id, tone, title, detail, action, stays } = toast;
  useEffect(() => {
    if (stays) return undefined;
    const timer = setInterval(() => {
      // Who points at it, or is inside with the keyboard, still reads.
      if (!card.current?.matches(':hover, :focus-within')) dismiss(id);
    }, SHOWN_MS);
    return () => clearInterval(timer);
  }, [id, stays]);
  return (
    <div
      ref={card}
      className={classes.toast}
      data-tone={tone}
      role={tone === 'bad' ? 'alert' : 'group'}
      aria-label={title}
    >
      <div className={classes.words}>
        <div className={classes.title}>{title}</div>
        {detail ? <div className={classes.detail}>{detail}</div> : null}
        {action ? <ActionButton id={id} action={action} /> : null}
      </div>
      <CloseButton size="sm" aria-label={t.dismiss} onClick={() => dismiss(id)} />
    </div>
  );
}

function ActionButton({ id, action }: { id: number; action: ToastAction }) {
  const act = () => {
    action.run();
    dismiss(id);
  };
  return (
    <Button size="compact-sm" variant="subtle" className={classes.action} onClick={act}>
      {action.label}
    </Button>
  );
}
