import { Alert } from '@mantine/core';

import { inWords, type FieldError } from '@/lib/allauth';

const NAMED = new Set(['username', 'email', 'password', 'code']);

/** What is wrong with all of it, not with one field. */
export function Complaint({ errors }: { errors: readonly string[] }) {
  if (!errors.length) return null;
  return (
    <Alert color="red" variant="light" role="alert" p="sm">
      {errors.join(' ')}
    </Alert>
  );
}

/** The faults that are about no field of these forms. */
export function general(errors: readonly FieldError[]): string[] {
  return errors.filter(({ param }) => !param || !NAMED.has(param)).map(inWords);
}

/** The fault of one field, in our words where its code is a known one. */
export function of(errors: readonly FieldError[], param: string): string | undefined {
  const found = errors.find((error) => error.param === param);
  return found && inWords(found);
}
