import { afterEach, describe, expect, it, vi } from 'vitest';

import { base64, fromBase64, hex, joined, utf8 } from './bytes';
import { climb, leafHash, nodeHash, pathOf } from './merkle';
import { parseKey, parseKeys } from './notes';
import { verify, type Check } from './verify';
// Written by the platform's own code, which shares none with this: tests/files/proofs.json says of each what it proves.
import vectors from '../../../../tests/files/proofs.json';

const key = await parseKey(vectors.key);
const { project, proofs } = vectors;
const proof = proofs.find(({ index }) => index === 41);
if (!proof) throw new Error('the vectors lack entry 41');
const { file, header } = proof;
const lines = file.split('\n');

const asked = { file, header, project, keys: [key] };
const failing = (checks: readonly Check[]) => checks.filter(({ result }) => result === 'fails');

/** The file with one line changed. */
function withLine(at: number, change: (line: string) => string): string {
  return lines.map((line, n) => (n === at ? change(line) : line)).join('\n');
}

/** The line's last word with one bit of its bytes flipped. */
function flipped(line: string): string {
  const words = line.split(' ');
  const bytes = fromBase64(words.pop() ?? '');
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) ^ 1;
  return [...words, base64(bytes)].join(' ');
}

afterEach(() => vi.restoreAllMocks());

describe('hashing as RFC 6962 says', () => {
  // The inputs and roots of Certificate Transparency's own tests.
  const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
  const unhex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

  it('gives the published leaf and root', async () => {
    const leaves = await Promise.all(inputs.map((input) => leafHash(unhex(input))));
    expect(leaves.slice(0, 1).map(hex)).toEqual(['6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d']);
    let level = leaves;
    while (level.length > 1) {
      const above = [];
      for (let at = 0; at < level.length; at += 2)
        above.push(await nodeHash(level[at] as never, level[at + 1] as never));
      level = above;
    }
    expect(level.map(hex)).toEqual(['5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328']);
  });

  it('knows which subtrees stand beside a path', () => {
    expect(pathOf(6n, 7n)).toEqual([
      { side: 'left', siblingSpan: { from: 4n, to: 6n }, span: { from: 4n, to: 7n } },
      { side: 'left', siblingSpan: { from: 0n, to: 4n }, span: { from: 0n, to: 7n } },
    ]);
    expect(pathOf(0n, 1n)).toEqual([]);
    expect(pathOf(123_456_789_012n, 999_999_999_999n)).toHaveLength(40);
  });

  it('makes nothing of an index beyond the tree', async () => {
    const leaf = await leafHash(utf8('x'));
    expect(await climb(1n, 1n, leaf, [])).toBeNull();
    expect(await climb(-1n, 1n, leaf, [])).toBeNull();
    expect(await climb(0n, 0n, leaf, [])).toBeNull();
  });
});

describe('keys', () => {
  it('are read from a file with comments, and the lines that are none are named', async () => {
    const text = `# the operator's\n\n${vectors.key}\nnonsense\n${vectors.key.slice(0, -1)}A\r\n  ${vectors.otherKey}  \n`;
    const found = await parseKeys(text);
    expect(found.keys.map(({ id }) => id)).toEqual([vectors.key, vectors.otherKey].map((line) => line.split('+')[1]));
    expect(found.bad).toEqual([4, 5]);
  });

  it('of other kinds are refused, as a witness’s', async () => {
    const cosigner = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2';
    await expect(parseKey(cosigner)).rejects.toThrow('not an Ed25519 verifier key');
  });
});

describe('the proof of an entry', () => {
  it.each(proofs.map((one) => [one.index, one.size, one] as const))(
    'of index %i in a log of %i entries verifies',
    async (index, size, one) => {
      const found = await verify({ ...asked, file: one.file, header: one.header });
      expect(failing(found.checks)).toEqual([]);
      expect(found.result).toBe('verified');
      expect(found.signer?.line).toBe(vectors.key);
      expect(hex(found.steps?.at(-1)?.node ?? found.leaf ?? utf8(''))).toBe(one.root);
      expect(found.proof).toMatchObject({ index: BigInt(index) });
      expect(found.proof?.checkpoint.size).toBe(BigInt(size));
    },
  );

  it('fails for any one bit of the file, wherever it is', async () => {
    const bytes = utf8(file);
    for (const at of bytes.keys()) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      const found = await verify({ ...asked, file: new TextDecoder().decode(changed) });
      expect(found.result, `byte ${at}`).toBe('failed');
    }
  });

  it('fails by its path when a hash, the entry or its place is another', async () => {
    for (const changed of [withLine(3, flipped), withLine(1, flipped), withLine(2, () => 'index 40')]) {
      const { checks, result } = await verify({ ...asked, file: changed });
      expect(result).toBe('failed');
      expect(failing(checks)).toContainEqual({ name: 'path', result: 'fails', why: 'another_root' });
    }
  });

  it('fails when a hash is missing or one too many', async () => {
    const hash = lines[3] ?? '';
    for (const changed of [withLine(3, () => `${hash}\n${hash}`), file.replace(`${hash}\n`, '')]) {
      const { checks, steps } = await verify({ ...asked, file: changed });
      expect(failing(checks)).toEqual([{ name: 'path', result: 'fails', why: 'wrong_length' }]);
      expect(steps).toBeNull();
    }
  });

  it('fails when it is of another entry than the one that is shown, however well it is made', async () => {
    const other = proofs.find(({ index }) => index === 5);
    const { checks, result } = await verify({ ...asked, file: other?.file ?? '' });
    expect(result).toBe('failed');
    expect(failing(checks)).toEqual([{ name: 'entry', result: 'fails', why: 'another_entry' }]);
  });

  it('fails when the checkpoint is of another project, or of the platform', async () => {
    for (const elsewhere of ['0'.repeat(8), null]) {
      const { checks } = await verify({ ...asked, project: elsewhere });
      expect(failing(checks)).toEqual([{ name: 'log', result: 'fails', why: 'another_log' }]);
    }
  });

  it('fails for a signature that claims the key and is not its own', async () => {
    const { checks, signer } = await verify({ ...asked, file: withLine(lines.length - 2, flipped) });
    expect(failing(checks)).toEqual([{ name: 'signature', result: 'fails', why: 'bad_signature' }]);
    expect(signer).toEqual(key);
  });

  it('fails for another size or root above the signature', async () => {
    const size = lines.findIndex((line) => line === '57');
    const grown = await verify({ ...asked, file: withLine(size, () => '58') });
    expect(failing(grown.checks).map(({ name }) => name)).toContain('signature');
    const root = await verify({ ...asked, file: withLine(size + 1, flipped) });
    expect(failing(root.checks).map(({ name }) => name)).toEqual(['path', 'signature']);
  });

  it('is not trusted by a key of the same name that did not sign, nor by one of another log', async () => {
    for (const line of [vectors.otherKey, vectors.strangerKey]) {
      const { checks, result } = await verify({ ...asked, keys: [await parseKey(line)] });
      expect(result).toBe('failed');
      expect(failing(checks)).toEqual([{ name: 'signature', result: 'fails', why: 'untrusted' }]);
    }
  });

  it('is verified in part without any key', async () => {
    const { checks, result } = await verify({ ...asked, keys: [] });
    expect(result).toBe('partly');
    expect(checks.at(-1)).toEqual({ name: 'signature', result: 'unknown', why: 'no_key' });
  });

  it('is verified in part where the browser knows no Ed25519, and still fails by its path', async () => {
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('unknown', 'NotSupportedError'));
    const { checks, result } = await verify(asked);
    expect(result).toBe('partly');
    expect(checks.at(-1)).toEqual({ name: 'signature', result: 'unknown', why: 'no_ed25519' });
    expect((await verify({ ...asked, file: withLine(3, flipped) })).result).toBe('failed');
  });

  it.each([
    ['nothing', ''],
    ['a page', '<!doctype html>\n\n<p>Sign in</p>\n'],
    ['a checkpoint alone', file.slice(file.indexOf('\n\n') + 2)],
    ['no checkpoint', file.slice(0, file.indexOf('\n\n') + 2)],
    ['another version', file.replace('@v1', '@v2')],
    ['an index with a sign', file.replace('index 41', 'index +41')],
    ['an index with a zero before it', file.replace('index 41', 'index 041')],
    ['a hash that is too short', withLine(3, () => base64(fromBase64(lines[3] ?? '').slice(1)))],
    ['a hash in another spelling', withLine(3, (line) => `${line} `)],
    ['a line more in the checkpoint', file.replace('\n57\n', '\n57\nextension\n')],
    ['no signature', file.slice(0, file.lastIndexOf('—'))],
    ['carriage returns', file.replaceAll('\n', '\r\n')],
  ])('is none when it is %s', async (_what, given) => {
    const found = await verify({ ...asked, file: given });
    expect(found).toMatchObject({ result: 'failed', checks: [{ name: 'form', why: 'malformed' }], proof: null });
  });
});

it('joins and compares bytes', () => {
  expect(hex(joined(utf8('a'), utf8(''), utf8('b')))).toBe('6162');
});
