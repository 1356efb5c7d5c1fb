import { TextInput, type TextInputProps } from '@mantine/core';

import { audit } from '@/locales';

const t = audit.holds;
/** A reason shorter than this says nothing; the platform takes none. */
const SHORTEST = 3;

interface FieldProps extends Omit<TextInputProps, 'value' | 'onChange'> {
  value: string;
  onChange: (value: string) => void;
}

/** A line of text that no browser fills in. */
export function TextField({ onChange, ...field }: FieldProps) {
  return <TextInput autoComplete="off" {...field} onChange={(event) => onChange(event.currentTarget.value)} />;
}

/** Why: it outlives the person that it is about. */
export function ReasonField(field: FieldProps) {
  return <TextField label={t.reason} description={t.reasonHint} {...field} />;
}

export function isReason(typed: string): boolean {
  return typed.trim().length >= SHORTEST;
}
