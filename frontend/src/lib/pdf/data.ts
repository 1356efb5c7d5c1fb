type Addresses = Record<string, string>;

// The fonts that every reader has to bring along, and the tables of East Asian encodings: files of this build.
const KINDS: Readonly<Record<string, Addresses>> = {
  standardFontDataUrl: import.meta.glob<string>('/node_modules/pdfjs-dist/standard_fonts/*.{pfb,ttf}', {
    query: '?url',
    import: 'default',
    eager: true,
  }),
  cMapUrl: import.meta.glob<string>('/node_modules/pdfjs-dist/cmaps/*.bcmap', {
    query: '?url',
    import: 'default',
    eager: true,
  }),
};
const BY_NAME = Object.fromEntries(
  Object.entries(KINDS).map(([kind, addresses]) => [
    kind,
    new Map(Object.entries(addresses).map(([path, address]) => [path.slice(path.lastIndexOf('/') + 1), address])),
  ]),
);

// The reader of JPEG 2000, compiled to plain JavaScript: the content security policy allows no WebAssembly.
const JPX = Object.values(
  import.meta.glob<string>('/node_modules/pdfjs-dist/wasm/openjpeg_nowasm_fallback.js', {
    query: '?url',
    import: 'default',
    eager: true,
  }),
)[0];

/**
 * The folder in which pdf.js looks for that reader by the name it has there: an address of this build whose query takes
 * up the name. It is fetched with the first such picture.
 */
export const DECODERS = `${JPX ?? ''}?/`;

/** Where a file is that a document needs beside itself; null for what this build does not have. */
export function addressOf(kind: string, name: string): string | null {
  return (Object.hasOwn(BY_NAME, kind) ? BY_NAME[kind]?.get(name) : null) ?? null;
}

/** Hands pdf.js what it asks for by name. A name that is not in the build is no address, whatever it says. */
export class BuiltData {
  async fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    const address = addressOf(kind, filename);
    if (address === null) throw new Error('This build has no such data.');
    const response = await fetch(address, { credentials: 'omit' });
    if (!response.ok) throw new Error('The data of this build is gone.');
    return new Uint8Array(await response.arrayBuffer());
  }
}
