import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useState } from 'react';

import { announce } from '@/lib/announce';
import { copyText } from '@/lib/clipboard';
import { toast } from '@/lib/toasts';
import { components as t } from '@/locales';

import classes from './copyable.module.css';

const SHOWN_MS = 1_600;

interface CopyableProps {
  /** What is copied, in full. */
  text: string;
  /** What it is, for who does not see it: "run id". */
  name: string;
  /** What is shown, when it is not all of it. */
  shown?: string;
}

/** An id or digest in short, with all of it for who points at it or copies it. */
export function Copyable({ text, name, shown = shortened(text) }: CopyableProps) {
  return (
    <span className={classes.copyable}>
      <span className={classes.text} title={text}>
        {shown}
      </span>
      <CopyButton text={text} name={name} />
    </span>
  );
}

export function CopyButton({ text, name }: { text: string; name: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    if (await copyText(text)) {
      setCopied(true);
      announce(t.copied);
    } else {
      toast({ tone: 'bad', title: t.copyFailed });
    }
  };
  return (
    <Tooltip label={copied ? t.copied : t.copy}>
      <ActionIcon size="sm" aria-label={t.copyNamed({ name })} onClick={() => void copy()}>
        {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

/** The beginning of an id, or a digest's name and beginning: enough to tell two apart. */
export function shortened(text: string): string {
  const [, algorithm, hex] = /^(sha\d+:)([0-9a-f]{16,})$/.exec(text) ?? [];
  if (algorithm && hex) return `${algorithm}${hex.slice(0, 12)}…`;
  return text.length > 14 ? `${text.slice(0, 8)}…` : text;
}
