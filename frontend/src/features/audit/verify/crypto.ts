import type { Bytes } from './bytes';

const ALGORITHM = 'Ed25519';

/** The browser's cryptography; null over plain HTTP from elsewhere, where browsers hide it. */
export function subtle(): SubtleCrypto | null {
  return (crypto as Partial<Crypto>).subtle ?? null;
}

export async function sha256(content: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', content));
}

/** Whether this is the key's signature of the text; null where the browser knows no Ed25519. */
export async function verifies(key: Bytes, signature: Bytes, text: Bytes): Promise<boolean | null> {
  let imported: CryptoKey;
  try {
    imported = await crypto.subtle.importKey('raw', key, ALGORITHM, false, ['verify']);
  } catch (error) {
    if ((error as { name?: unknown }).name === 'NotSupportedError') return null;
    // Some browsers tell a point that is none at once, others when they verify.
    return false;
  }
  return crypto.subtle.verify(ALGORITHM, imported, signature, text);
}
