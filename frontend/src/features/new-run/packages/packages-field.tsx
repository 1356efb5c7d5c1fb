import { ActionIcon, Button, Loader, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconBan, IconCheck, IconCircleDashed, IconClock, IconX, type Icon } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useId, useState, type ClipboardEvent, type KeyboardEvent } from 'react';

import { exceptionRequest } from '@/components/refusal';
import type { CheckedPackage } from '@/lib/api';
import { copyText } from '@/lib/clipboard';
import type { Tone } from '@/lib/theme';
import { toast } from '@/lib/toasts';
import { visible, visibleName } from '@/lib/visible';
import { components, newRun } from '@/locales';

import { withoutPackage, withPackages, type Change, type Draft } from '../draft';
import { packagesQuery } from '../queries';
import { judged } from './judged';
import classes from './packages.module.css';
import { packagesIn } from './reading';

const t = newRun.packages;
const PAUSE_MS = 250;

const ICONS: Partial<Record<Tone, Icon>> = { good: IconCheck, quiet: IconCheck, wait: IconClock, refusal: IconBan };

interface PackagesFieldProps {
  draft: Draft;
  projectName: string;
  change: (change: Change) => void;
}

/** Packages beyond the environment's own, each with policy's answer while it is written. */
export function PackagesField({ draft, projectName, change }: PackagesFieldProps) {
  const { project, environment, packages } = draft;
  const [typed, setTyped] = useState('');
  const hint = useId();
  const add = (text: string) => {
    change(withPackages(packagesIn(text)));
    setTyped('');
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if ((event.key === 'Enter' && !event.ctrlKey && !event.metaKey) || event.key === ',') {
      event.preventDefault();
      if (typed.trim()) add(typed);
    } else if (event.key === 'Backspace' && !typed && packages.length) {
      change(withoutPackage(packages.at(-1) ?? ''));
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    const text = event.clipboardData.getData('text/plain');
    if (!text.trim().includes('\n')) return;
    event.preventDefault();
    add(text);
  };
  return (
    <div>
      <div className={classes.entry}>
        <TextInput
          className={classes.input}
          label={t.label}
          placeholder={t.placeholder}
          value={typed}
          autoComplete="off"
          spellCheck={false}
          aria-describedby={hint}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <Button variant="default" disabled={!typed.trim()} onClick={() => add(typed)}>
          {t.add}
        </Button>
      </div>
      <div className={classes.answer} id={hint} aria-live="polite">
        {typed.trim() ? (
          <TypedAnswer text={typed} {...{ project, environment, projectName }} />
        ) : (
          <span className={classes.hint}>{t.hint}</span>
        )}
      </div>
      {packages.length ? <Asked {...{ project, environment, packages, projectName, change }} /> : null}
    </div>
  );
}

interface Where {
  project: string | null;
  environment: string;
  projectName: string;
}

function TypedAnswer({ text, project, environment, projectName }: Where & { text: string }) {
  const [settled] = useDebouncedValue(text, PAUSE_MS);
  const wanted = packagesIn(settled).slice(0, 1);
  const query = useQuery({
    ...packagesQuery(project ?? '', environment, wanted),
    enabled: project !== null && wanted.length > 0,
  });
  const checked = query.data?.[0];
  if (!project) return <span className={classes.hint}>{t.noProject}</span>;
  if (query.error) return <span className={classes.hint}>{`${t.unanswered}: ${query.error.message}`}</span>;
  if (settled !== text || !checked) {
    return (
      <span className={classes.hint}>
        <Loader size={12} /> {t.checking}
      </span>
    );
  }
  const { tone, long, remedy, exception } = judged(checked);
  return (
    <Judgement tone={tone} text={long} remedy={remedy}>
      {exception ? <AskForException checked={checked} projectName={projectName} /> : null}
    </Judgement>
  );
}

function Asked(props: Where & { packages: readonly string[]; change: (change: Change) => void }) {
  const { project, environment, packages, projectName, change } = props;
  const { data } = useQuery({
    ...packagesQuery(project ?? '', environment, packages),
    enabled: project !== null,
    placeholderData: (before) => before,
  });
  return (
    <ul className={classes.list} aria-label={t.list}>
      {packages.map((pin) => (
        <AskedRow
          key={pin}
          pin={pin}
          checked={data?.find(({ asked }) => asked === pin)}
          projectName={projectName}
          onRemove={() => change(withoutPackage(pin))}
        />
      ))}
    </ul>
  );
}

interface AskedRowProps {
  pin: string;
  checked: CheckedPackage | undefined;
  projectName: string;
  onRemove: () => void;
}

function AskedRow({ pin, checked, projectName, onRemove }: AskedRowProps) {
  const { tone, short, remedy, exception } = checked
    ? judged(checked)
    : { tone: 'quiet' as const, short: t.unanswered, remedy: '', exception: false };
  const label = newRun.removeNamed({ name: visibleName(pin) });
  return (
    <li className={classes.row}>
      <code className={classes.pin}>{visibleName(pin)}</code>
      <Judgement tone={tone} text={short} remedy={remedy} pending={!checked}>
        {exception && checked ? <AskForException checked={checked} projectName={projectName} /> : null}
      </Judgement>
      <Tooltip label={label}>
        <ActionIcon aria-label={label} onClick={onRemove}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </li>
  );
}

interface JudgementProps {
  tone: Tone;
  text: string;
  remedy: string;
  pending?: boolean;
  children?: React.ReactNode;
}

function Judgement({ tone, text, remedy, pending = false, children }: JudgementProps) {
  const Icon = pending ? IconCircleDashed : (ICONS[tone] ?? IconCheck);
  return (
    <div className={classes.judgement} data-tone={tone}>
      <Icon size={15} stroke={2} className={classes.sign} aria-hidden />
      <div>
        <span className={classes.verdict}>{visible(text)}</span>
        {remedy ? <span className={classes.remedy}> {remedy}</span> : null} {children}
      </div>
    </div>
  );
}

function AskForException({ checked, projectName }: { checked: CheckedPackage; projectName: string }) {
  const copy = async () => {
    const asked = t.asked({ name: checked.asked, project: projectName });
    const copied = await copyText(exceptionRequest(asked, checked.reasons, ''));
    toast(copied ? { tone: 'good', title: t.copied } : { tone: 'bad', title: components.copyFailed });
  };
  return (
    <button type="button" className={classes.ask} onClick={() => void copy()}>
      {t.ask}
    </button>
  );
}
