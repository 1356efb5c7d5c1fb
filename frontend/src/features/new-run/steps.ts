import type { Limit, Reason } from '@/lib/api';
import { newRun } from '@/locales';

import { packageName, withLimit, withoutFile, withoutPackage, type Change, type Draft } from './draft';
import { shownLimit } from './limits/units';

const t = newRun.steps;

export interface Step {
  label: string;
  /** How the draft changes; where null, the step is to go to `field`. */
  change: Change | null;
  field?: 'purpose' | 'environment' | 'project';
}

interface Known {
  draft: Draft;
  limits: readonly Limit[];
  environments: readonly string[];
}

type Find = (reason: Reason, known: Known) => Step | null;

/**
 * The smallest change of the form that answers a reason, found by the reason's code and the thing that its message names;
 * null where there is none that a button could make.
 */
export function stepFor(reason: Reason, known: Known): Step | null {
  return (Object.hasOwn(finders, reason.code) ? finders[reason.code] : undefined)?.(reason, known) ?? null;
}

const removePackage: Find = (reason, { draft }) => {
  const named = /^packages: ['"]?([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(reason.message)?.[1];
  const isNamed = (pin: string) => pin === named || (named !== undefined && packageName(pin) === packageName(named));
  // What another package pulls in is not in the form; with a single package there is only one that can have.
  const pin = draft.packages.find(isNamed) ?? (draft.packages.length === 1 ? draft.packages[0] : undefined);
  return pin === undefined ? null : { label: t.removePackage({ name: pin }), change: withoutPackage(pin) };
};

/** Policy names a limit as programs do, and is shown as people do. */
function isAbout({ message }: Reason, { name, title }: Pick<Limit, 'name' | 'title'>): boolean {
  return message.startsWith(`limits.${name}:`) || message.startsWith(`${title}:`);
}

const fitLimit =
  (bound: 'ceiling' | 'floor'): Find =>
  (reason, { limits }) => {
    const limit = limits.find((each) => isAbout(reason, each));
    if (!limit) return null;
    const value = shownLimit(limit, limit[bound]);
    const label = bound === 'ceiling' ? t.lower({ title: limit.title, value }) : t.raise({ title: limit.title, value });
    return { label, change: withLimit(limit.name, limit[bound]) };
  };

const forgetLimit: Find = (reason, { draft, limits }) => {
  const title = (name: string) => limits.find((each) => each.name === name)?.title ?? name;
  const name = Object.keys(draft.limits).find((each) => isAbout(reason, { name: each, title: title(each) }));
  return name === undefined ? null : { label: t.defaultLimit, change: withLimit(name, null) };
};

const moreDisk: Find = (_, { draft, limits }) => {
  const disk = limits.find(({ name }) => name === 'disk_bytes');
  const needed = draft.files.reduce((sum, file) => sum + file.size, 0);
  if (!disk || needed > disk.ceiling) return null;
  // Room for what the code writes too, where the policy has it.
  const wanted = Math.min(disk.ceiling, 2 ** Math.ceil(Math.log2(needed * 1.25)));
  const value = shownLimit(disk, wanted);
  return { label: t.raise({ title: disk.title, value }), change: withLimit(disk.name, wanted) };
};

const removeNamedFile: Find = (reason, { draft }) => {
  const file = draft.files.findLast(({ name }) => reason.message.includes(name));
  return file ? { label: t.removeFile({ name: file.name }), change: withoutFile(file.id) } : null;
};

const removeFileAt: Find = (reason, { draft }) => {
  const at = /^files\[(\d+)\]/.exec(reason.message)?.[1];
  const file = at === undefined ? undefined : draft.files[Number(at)];
  return file ? { label: t.removeFile({ name: file.name }), change: withoutFile(file.id) } : null;
};

const removeConnector: Find = (reason, { draft }) => {
  const name = draft.connectors.find((each) => reason.message.includes(each));
  if (name === undefined) return null;
  const change: Change = (old) => ({ ...old, connectors: old.connectors.filter((each) => each !== name) });
  return { label: t.removeConnector({ name }), change };
};

const useEnvironment: Find = (reason, { draft, environments }) => {
  const other = environments.find((name) => name !== draft.environment && reason.remedy.includes(name));
  if (other === undefined) return { label: t.chooseEnvironment, change: null, field: 'environment' };
  return { label: t.useEnvironment({ name: other }), change: (old) => ({ ...old, environment: other }) };
};

const writePurpose: Find = () => ({ label: t.writePurpose, change: null, field: 'purpose' });

const finders: Readonly<Record<string, Find>> = {
  package_not_allowed: removePackage,
  package_version_not_allowed: removePackage,
  package_needs_review: removePackage,
  package_not_pinned: removePackage,
  packages_conflict: removePackage,
  limit_above_ceiling: fitLimit('ceiling'),
  limit_below_floor: fitLimit('floor'),
  limit_invalid: forgetLimit,
  limit_unknown: forgetLimit,
  files_exceed_disk: moreDisk,
  file_name_twice: removeNamedFile,
  file_name_reserved: removeNamedFile,
  file_too_large: removeFileAt,
  connector_not_allowed: removeConnector,
  environment_not_allowed: useEnvironment,
  unknown_environment: useEnvironment,
  unknown_limit: forgetLimit,
  purpose_missing: writePurpose,
};
