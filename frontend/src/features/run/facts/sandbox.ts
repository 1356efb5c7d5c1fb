import { isRecord } from '../live/outputs';

/** What the platform says of the sandbox that serves a run. */
export interface SandboxFacts {
  imageDigest: string | null;
  gvisor: string;
  warm: boolean | null;
  enforced: string[];
  notEnforced: string[];
  probe: { kind: string; checks: number | null; milliseconds: number | null } | null;
}

/** Null before there is one. */
export function sandboxFacts(value: Record<string, unknown>): SandboxFacts | null {
  if (typeof value.image_digest !== 'string' && typeof value.gvisor_version !== 'string') return null;
  return {
    imageDigest: text(value.image_digest) || null,
    gvisor: text(value.gvisor_version),
    warm: typeof value.warm === 'boolean' ? value.warm : null,
    enforced: list(value.enforced),
    notEnforced: list(value.not_enforced),
    probe: isRecord(value.probe)
      ? {
          kind: text(value.probe.kind),
          checks: number(value.probe.checks),
          milliseconds: number(value.probe.milliseconds),
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

function number(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
