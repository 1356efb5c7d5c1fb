// Above, hashing in one piece would take the memory of the whole file.
const MOST_HASHED = 64 * 1024 * 1024;

/**
 * Whether the platform has what was sent: by size, and by digest where the browser can tell it (not over plain HTTP
 * from elsewhere, where it hides its cryptography).
 */
export async function matches(file: Blob, stored: { size: number; sha256: string }): Promise<boolean> {
  if (file.size !== stored.size) return false;
  const subtle = (crypto as Partial<Crypto>).subtle;
  if (!subtle || file.size > MOST_HASHED) return true;
  const digest = new Uint8Array(await subtle.digest('SHA-256', await file.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') === stored.sha256;
}
