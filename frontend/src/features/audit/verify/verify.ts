import { Malformed, same, utf8, type Bytes } from './bytes';
import { subtle, verifies } from './crypto';
import { climb, leafHash, type Step } from './merkle';
import type { Checkpoint, VerifierKey } from './notes';
import { parseProof, type Proof } from './proof';

/** Who said that a key is the log's: the auditor, or the platform that is to be checked. */
export type KeySource = 'pasted' | 'listed';

/** What is checked, in this order. */
export type CheckName = 'form' | 'entry' | 'log' | 'path' | 'signature';

/** `unknown`: this browser cannot tell, or there is no key to tell it by. */
export interface Check {
  name: CheckName;
  result: 'holds' | 'fails' | 'unknown';
  /** Why it fails or is not known; the catalogue has a sentence for each. */
  why?:
    | 'malformed'
    | 'another_entry'
    | 'another_log'
    | 'wrong_length'
    | 'another_root'
    | 'no_ed25519'
    | 'no_key'
    | 'untrusted'
    | 'bad_signature';
}

/** `partly`: nothing is wrong, and the signature is not known to be right. */
export type Result = 'verified' | 'partly' | 'failed';

export interface Verdict {
  result: Result;
  checks: Check[];
  /** What was read, where it could be. */
  proof: Proof | null;
  leaf: Bytes | null;
  /** From the leaf upwards; null where the proof does not fit its place. */
  steps: Step[] | null;
  /** The key that signed, and the one whose signature is wrong. */
  signer: VerifierKey | null;
}

export interface Asked {
  /** The proof file as the platform gave it. */
  file: string;
  /** The exact bytes of the entry that is looked at, and its project. */
  header: string;
  project: string | null;
  keys: readonly VerifierKey[];
}

/** Whether this browser can verify anything at all. */
export function canVerify(): boolean {
  return subtle() !== null;
}

/**
 * Verify the proof of one entry, here, with nothing but what is given. Throws nothing for a proof that is wrong, however
 * it is wrong.
 */
export async function verify({ file, header, project, keys }: Asked): Promise<Verdict> {
  const proof = read(file);
  if (!proof) {
    const checks: Check[] = [{ name: 'form', result: 'fails', why: 'malformed' }];
    return { result: 'failed', checks, proof: null, leaf: null, steps: null, signer: null };
  }
  const { checkpoint } = proof;
  const leaf = await leafHash(proof.entry);
  const steps = await climb(proof.index, checkpoint.size, leaf, proof.hashes);
  const signature = await signed(checkpoint, keys);
  const checks: Check[] = [
    { name: 'form', result: 'holds' },
    check('entry', same(proof.entry, utf8(header)), 'another_entry'),
    check('log', isLogOf(checkpoint.origin, project), 'another_log'),
    pathCheck(steps, leaf, checkpoint),
    signature.check,
  ];
  return { result: resultOf(checks), checks, proof, leaf, steps, signer: signature.key };
}

function read(file: string): Proof | null {
  try {
    return parseProof(file);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

function isLogOf(origin: string, project: string | null): boolean {
  return origin.endsWith(project === null ? '/platform' : `/project/${project}`);
}

function pathCheck(steps: Step[] | null, leaf: Bytes, { root }: Checkpoint): Check {
  if (!steps) return { name: 'path', result: 'fails', why: 'wrong_length' };
  return check('path', same(steps.at(-1)?.node ?? leaf, root), 'another_root');
}

/** Signatures by unknown keys are passed over; one that claims a known key and is wrong spoils the checkpoint. */
async function signed(
  { origin, note }: Checkpoint,
  keys: readonly VerifierKey[],
): Promise<{ check: Check; key: VerifierKey | null }> {
  const named = keys.filter(({ name }) => name === origin);
  let signer: VerifierKey | null = null;
  for (const { name, keyId, signature } of note.signatures) {
    const key = named.find((one) => one.name === name && one.id === keyId);
    if (!key) continue;
    const right = await verifies(key.public, signature, utf8(note.text));
    if (right === null) return unknown('no_ed25519', key);
    if (!right) return { check: { name: 'signature', result: 'fails', why: 'bad_signature' }, key };
    signer = key;
  }
  if (signer) return { check: { name: 'signature', result: 'holds' }, key: signer };
  if (!keys.length) return unknown('no_key', null);
  return { check: { name: 'signature', result: 'fails', why: 'untrusted' }, key: null };
}

function unknown(why: 'no_ed25519' | 'no_key', key: VerifierKey | null): { check: Check; key: VerifierKey | null } {
  return { check: { name: 'signature', result: 'unknown', why }, key };
}

function check(name: CheckName, holds: boolean, why: NonNullable<Check['why']>): Check {
  return holds ? { name, result: 'holds' } : { name, result: 'fails', why };
}

function resultOf(checks: readonly Check[]): Result {
  if (checks.some(({ result }) => result === 'fails')) return 'failed';
  return checks.some(({ result }) => result === 'unknown') ? 'partly' : 'verified';
}
