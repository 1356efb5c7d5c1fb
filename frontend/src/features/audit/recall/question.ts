import { shortened } from '@/components/copyable';
import type { operations } from '@/lib/api';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

import { projectOf } from '../question';
import type { RecallSearch } from './search';

const t = audit.recall;

/** What the platform is asked for. */
export type RecallQuestion = Omit<
  NonNullable<operations['audit_recall_list']['parameters']['query']>,
  'cursor' | 'limit'
>;

/** The question that an address means, with the project of the side bar where it names none; null for none yet. */
export function recallQuestion(search: RecallSearch, switchedTo: string | null): RecallQuestion | null {
  const { kind = 'package', what, below } = search;
  if (!what) return null;
  const project = projectOf(search, switchedTo);
  return {
    [kind]: what,
    ...(kind === 'package' && below ? { below } : {}),
    ...(project ? { project } : {}),
  };
}

/** The question in words. */
export function askedWords({ package: name, below, image, file, revision }: RecallQuestion): string {
  if (name !== undefined) return t.asked.package({ name: visibleName(name), below: below ? visibleName(below) : null });
  if (image !== undefined) return t.asked.image({ digest: said(image) });
  if (file !== undefined) return t.asked.file({ file: said(file) });
  return t.asked.revision({ digest: said(revision ?? '') });
}

function said(exact: string): string {
  return visibleName(shortened(exact));
}
