/** Bytes as WebCrypto takes them: never a view of memory that another thread may change. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** What was to be read is not written as the format says. */
export class Malformed extends Error {
  override readonly name = 'Malformed';
}

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

export function hex(bytes: Bytes): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function base64(bytes: Bytes): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** The bytes of their one base64 spelling. Throws Malformed for any other. */
export function fromBase64(text: string): Bytes {
  let found: Bytes;
  try {
    found = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    throw new Malformed('not base64');
  }
  // Decoders overlook white space, padding, and what the last character has beyond the last byte.
  if (base64(found) !== text) throw new Malformed('not base64 as it is written');
  return found;
}

export function joined(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function same(one: Bytes, other: Bytes): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}
