const SIGNATURE = '\u0089PNG\r\n\u001a\n';
const MOST = 32_768;

/** Width and height that a PNG's header states, so that its room is there before it is decoded. Null for no PNG. */
export function sizeOfPng(base64: string): { width: number; height: number } | null {
  let header: string;
  try {
    header = atob(base64.slice(0, 32));
  } catch {
    return null;
  }
  if (!header.startsWith(SIGNATURE) || header.length < 24) return null;
  const [width, height] = [number(header, 16), number(header, 20)];
  return width > 0 && height > 0 && width <= MOST && height <= MOST ? { width, height } : null;
}

function number(text: string, at: number): number {
  return [0, 1, 2, 3].reduce((sum, offset) => sum * 256 + text.charCodeAt(at + offset), 0);
}
