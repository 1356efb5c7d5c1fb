import { momentsOf } from '@/components/filters/times';
import type { operations } from '@/lib/api';

import { isKnown } from './events';
import { TYPED, type AuditSearch } from './search';

/** What the platform is asked for. */
export type Question = Omit<NonNullable<operations['audit_entries_list']['parameters']['query']>, 'cursor' | 'limit'>;

/** The question that an address means, with the project of the side bar where it names none. */
export function questionOf(search: AuditSearch, switchedTo: string | null, now: number): Question {
  const question: Question = { ...momentsOf(search, now) };
  const project = projectOf(search, switchedTo);
  if (project) question.project = project;
  if (search.event && isKnown(search.event)) question.event = search.event;
  for (const name of ['text', 'outcome', ...TYPED] as const) {
    const value = search[name];
    if (value) question[name] = value;
  }
  return question;
}

/** The project that is looked at; null for all. */
export function projectOf(search: Pick<AuditSearch, 'project'>, switchedTo: string | null): string | null {
  if (search.project === 'all') return null;
  return search.project ?? switchedTo;
}

/** Whether the address cuts anything off. */
export function isFiltered({ project, ...rest }: AuditSearch): boolean {
  return (project !== undefined && project !== 'all') || Object.values(rest).some((part) => part !== undefined);
}
