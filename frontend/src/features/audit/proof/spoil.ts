import { base64, fromBase64 } from '../verify/bytes';

const EXTRA = /^extra (\S+)$/m;

/** The proof file with one bit of its entry flipped, the last but one byte's lowest. */
export function spoiled(file: string): string {
  return file.replace(EXTRA, (line, encoded: string) => {
    const bytes = fromBase64(encoded);
    const at = bytes.length - 2;
    if (at < 0) return line;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return `extra ${base64(bytes)}`;
  });
}
