import { PreviewError } from './types';

interface Entry {
  method: number;
  packed: number;
  offset: number;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
// The end record is 22 bytes and a comment of at most 64 KiB.
const TAIL = 22 + 0xffff;
const MOST_DIRECTORY = 4 * 1024 * 1024;
const STORED = 0;
const DEFLATED = 8;

/**
 * A ZIP archive of which single entries are read, each up to a number of bytes. What the archive says about sizes is not
 * believed: reading stops at the limit (APPNOTE.TXT 6.3.10, without ZIP64 and encryption).
 */
export class Zip {
  private readonly file: Blob;
  private readonly entries: ReadonlyMap<string, Entry>;

  private constructor(file: Blob, entries: ReadonlyMap<string, Entry>) {
    this.file = file;
    this.entries = entries;
  }

  static async open(file: Blob): Promise<Zip> {
    const tail = await view(file, Math.max(0, file.size - TAIL), file.size);
    let at = tail.byteLength - 22;
    while (at >= 0 && tail.getUint32(at, true) !== END) at -= 1;
    if (at < 0) throw new PreviewError('unreadable');
    const size = tail.getUint32(at + 12, true);
    const offset = tail.getUint32(at + 16, true);
    if (size > MOST_DIRECTORY) throw new PreviewError('too_large');
    return new Zip(file, directory(await view(file, offset, offset + size)));
  }

  /** The text of an entry, at most `most` bytes of it; null when there is no such entry. */
  async text(name: string, most: number): Promise<{ text: string; cut: boolean } | null> {
    const entry = this.entries.get(name);
    if (!entry) return null;
    const head = await view(this.file, entry.offset, entry.offset + 30);
    if (head.byteLength < 30 || head.getUint32(0, true) !== LOCAL) throw new PreviewError('unreadable');
    const start = entry.offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
    const packed = this.file.slice(start, start + entry.packed);
    if (entry.method !== STORED && entry.method !== DEFLATED) throw new PreviewError('unreadable');
    const stream =
      entry.method === STORED ? packed.stream() : packed.stream().pipeThrough(new DecompressionStream('deflate-raw'));
    return limited(stream, most);
  }
}

function directory(bytes: DataView): Map<string, Entry> {
  const found = new Map<string, Entry>();
  const names = new TextDecoder();
  for (let at = 0; at + 46 <= bytes.byteLength && bytes.getUint32(at, true) === CENTRAL;) {
    const [name, extra, comment] = [28, 30, 32].map((field) => bytes.getUint16(at + field, true)) as [
      number,
      number,
      number,
    ];
    if (at + 46 + name > bytes.byteLength) break;
    found.set(names.decode(new Uint8Array(bytes.buffer, bytes.byteOffset + at + 46, name)), {
      method: bytes.getUint16(at + 10, true),
      packed: bytes.getUint32(at + 20, true),
      offset: bytes.getUint32(at + 42, true),
    });
    at += 46 + name + extra + comment;
  }
  return found;
}

async function limited(stream: ReadableStream<Uint8Array>, most: number): Promise<{ text: string; cut: boolean }> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let read = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    const fits = chunk.value.subarray(0, most - read);
    read += fits.length;
    text += decoder.decode(fits, { stream: true });
    if (fits.length < chunk.value.length) {
      await reader.cancel();
      return { text, cut: true };
    }
  }
  return { text, cut: false };
}

async function view(file: Blob, start: number, end: number): Promise<DataView> {
  return new DataView(await file.slice(start, end).arrayBuffer());
}
