import { fromBase64, hex, joined, Malformed, utf8, type Bytes } from './bytes';
import { sha256 } from './crypto';

/** A log's public key as C2SP writes it: `<name>+<key id>+<base64>`. */
export interface VerifierKey {
  name: string;
  /** 8 hex digits. */
  id: string;
  public: Bytes;
  /** As it was written. */
  line: string;
}

export interface Signature {
  name: string;
  keyId: string;
  signature: Bytes;
}

/** A signed note, taken apart; nothing in it is true until a key says so. */
export interface Note {
  text: string;
  signatures: Signature[];
}

/** The head of a log: its root at a size. */
export interface Checkpoint {
  origin: string;
  size: bigint;
  root: Bytes;
  note: Note;
}

const ED25519 = 1;
const MOST_SIGNATURES = 64;
const LINE = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/;
const NUMBER = /^(?:0|[1-9][0-9]{0,17})$/;

/** The number of an index or size. Throws Malformed. */
export function numberOf(text: string): bigint {
  if (!NUMBER.test(text)) throw new Malformed('not a number');
  return BigInt(text);
}

/** The key of a line. Throws Malformed. */
export async function parseKey(line: string): Promise<VerifierKey> {
  const [name = '', id = '', ...rest] = line.split('+');
  const material = fromBase64(rest.join('+'));
  if (!/^\S+$/.test(name) || material.length !== 33 || material[0] !== ED25519) {
    throw new Malformed('not an Ed25519 verifier key');
  }
  const digest = await sha256(joined(utf8(`${name}\n`), material));
  if (hex(digest.slice(0, 4)) !== id) throw new Malformed("the key's id is not its own");
  return { name, id, public: material.slice(1), line };
}

/** What a key file holds, and the numbers of its lines that are no keys. Empty lines and comments are skipped. */
export async function parseKeys(text: string): Promise<{ keys: VerifierKey[]; bad: number[] }> {
  const [keys, bad]: [VerifierKey[], number[]] = [[], []];
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (!line || line.startsWith('#')) continue;
    try {
      keys.push(await parseKey(line));
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      bad.push(at + 1);
    }
  }
  return { keys, bad };
}

/** Throws Malformed. */
export function parseNote(whole: string): Note {
  const blank = whole.lastIndexOf('\n\n');
  // eslint-disable-next-line no-control-regex -- a note has none of them
  if (blank < 0 || !whole.endsWith('\n') || /[\u0000-\u0009\u000b-\u001f]/.test(whole)) {
    throw new Malformed('not a signed note');
  }
  const lines = whole.slice(blank + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) throw new Malformed('too many signatures');
  return { text: whole.slice(0, blank + 1), signatures: lines.map(signatureOf) };
}

function signatureOf(line: string): Signature {
  const [, name, encoded] = LINE.exec(line) ?? [];
  if (!name || !encoded) throw new Malformed('not a signature line');
  const bytes = fromBase64(encoded);
  return { name, keyId: hex(bytes.slice(0, 4)), signature: bytes.slice(4) };
}

/** Throws Malformed unless the text is the one spelling of a checkpoint without further lines. */
export function parseCheckpoint(whole: string): Checkpoint {
  const note = parseNote(whole);
  const [origin = '', size = '', encoded = '', ...end] = note.text.split('\n');
  const root = fromBase64(encoded);
  if (!origin || root.length !== 32 || end.length !== 1 || end[0] !== '') throw new Malformed('not a checkpoint');
  return { origin, size: numberOf(size), root, note };
}
