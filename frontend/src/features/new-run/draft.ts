import type { Run, RunRequestRequest } from '@/lib/api';

export interface AttachedFile {
  id: string;
  name: string;
  size: number;
}

/** A run as far as it has been described. Limits hold what differs from the policy's defaults. */
export interface Draft {
  project: string | null;
  purpose: string;
  environment: string;
  packages: readonly string[];
  connectors: readonly string[];
  files: readonly AttachedFile[];
  limits: Readonly<Record<string, number>>;
}

/** Makes one draft of another; what buttons and fields do. */
export type Change = (draft: Draft) => Draft;

export const DEFAULT_ENVIRONMENT = 'python';

export function emptyDraft(project: string | null): Draft {
  return {
    project,
    purpose: '',
    environment: DEFAULT_ENVIRONMENT,
    packages: [],
    connectors: [],
    files: [],
    limits: {},
  };
}

/** The inputs of a run for another one; limits that are the defaults anyway stay the policy's. */
export function draftOf(run: Run, defaults: Readonly<Record<string, number>>): Draft {
  return {
    project: run.project,
    purpose: run.purpose,
    environment: run.environment.name,
    packages: run.packages,
    connectors: run.connectors,
    files: run.files.map(({ id, name, size }) => ({ id, name, size })),
    limits: Object.fromEntries(Object.entries(run.limits).filter(([name, value]) => defaults[name] !== value)),
  };
}

/** The request of a draft; null while something is missing that the platform could not even answer without. */
export function requestOf(draft: Draft): RunRequestRequest | null {
  const purpose = draft.purpose.trim();
  if (!draft.project || !purpose || !draft.environment) return null;
  return {
    project: draft.project,
    environment: draft.environment,
    purpose,
    packages: [...draft.packages],
    connectors: [...draft.connectors],
    limits: { ...draft.limits },
    files: draft.files.map(({ id }) => id),
  };
}

/** The name of a package as PEP 503 compares it; what is no pin is its own name. */
export function packageName(pin: string): string {
  return (pin.split('==')[0] ?? '')
    .trim()
    .toLowerCase()
    .replace(/[-_.]+/g, '-');
}

export const withPackages =
  (pins: readonly string[]): Change =>
  (draft) => {
    const fresh = pins.map((pin) => pin.trim()).filter((pin) => pin && !draft.packages.includes(pin));
    return fresh.length ? { ...draft, packages: [...draft.packages, ...new Set(fresh)] } : draft;
  };

export const withoutPackage =
  (pin: string): Change =>
  (draft) => ({ ...draft, packages: draft.packages.filter((other) => other !== pin) });

export const withFile =
  (file: AttachedFile): Change =>
  (draft) =>
    draft.files.some(({ id }) => id === file.id) ? draft : { ...draft, files: [...draft.files, file] };

export const withoutFile =
  (id: string): Change =>
  (draft) => ({ ...draft, files: draft.files.filter((file) => file.id !== id) });

/** Sets a limit; null leaves it to the policy. */
export const withLimit =
  (name: string, value: number | null): Change =>
  (draft) => {
    const others = Object.fromEntries(Object.entries(draft.limits).filter(([other]) => other !== name));
    return { ...draft, limits: value === null ? others : { ...others, [name]: value } };
  };
