import { NativeSelect } from '@mantine/core';
import type { ReactNode } from 'react';

import type { Membership } from '@/lib/session';

import classes from './sheet.module.css';

interface SheetProps {
  /** What the form is called. */
  title: string;
  onSubmit: () => void;
  /** For several fields beside one another. */
  wide?: boolean;
  /** What it does is not undone. */
  tone?: 'bad';
  children: ReactNode;
}

/** A form of the auditor's pages. */
export function Sheet({ title, onSubmit, wide = false, tone, children }: SheetProps) {
  return (
    <form
      className={classes.sheet}
      aria-label={title}
      data-wide={wide || undefined}
      data-tone={tone}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

/** Radios or checkboxes in a row, as many as fit. */
export function Choices({ children }: { children: ReactNode }) {
  return <div className={classes.choices}>{children}</div>;
}

export function Hint({ children }: { children: ReactNode }) {
  return <p className={classes.hint}>{children}</p>;
}

interface ProjectFieldProps {
  label: string;
  description?: string;
  projects: readonly Membership[];
  /** What stands for all of them, where they may be asked together. */
  all?: { value: string; label: string };
  value: string;
  onChange: (value: string) => void;
}

/** Whose log; not asked of people who have one alone. */
export function ProjectField({ projects, all, onChange, ...field }: ProjectFieldProps) {
  if (projects.length < 2) return null;
  return (
    <NativeSelect
      {...field}
      data={[...(all ? [all] : []), ...projects.map(({ id, name }) => ({ value: id, label: name }))]}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
