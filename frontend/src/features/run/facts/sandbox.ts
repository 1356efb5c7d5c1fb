import { isRecord } from '../live/outputs';

/** What the platform says of the sandbox that serves a run. */
export interface SandboxFacts {
  imageDigest: string;
  gvisor: string;
  warm: boolean | null;
  enforced: string[];
  notEnforced: string[];
  probe: { kind: string; checks: { name: string; outcome: string }[]; milliseconds: number | null } | null;
}

/** Null before there is one. */
export function sandboxFacts(value: Record<string, unknown>): SandboxFacts | null {
  if (typeof value.image_digest !== 'string' && typeof value.gvisor_version !== 'string') return null;
  return {
    imageDigest: text(value.image_digest),
    gvisor: text(value.gvisor_version),
    warm: typeof value.warm === 'boolean' ? value.warm : null,
    enforced: list(value.enforced),
    notEnforced: list(value.not_enforced),
    probe: isRecord(value.probe)
      ? {
          kind: text(value.probe.kind),
          checks: checks(value.probe.checks),
          milliseconds: typeof value.probe.milliseconds === 'number' ? value.probe.milliseconds : null,
        }
      : null,
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function checks(value: unknown): { name: string; outcome: string }[] {
  if (isRecord(value)) return Object.entries(value).map(([name, outcome]) => ({ name, outcome: said(outcome) }));
  if (!Array.isArray(value)) return [];
  return value.map((one) =>
    isRecord(one) ? { name: said(one.name), outcome: said(one.outcome) } : { name: said(one), outcome: '' },
  );
}

function said(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
