import { waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { File as StoredFile } from '@/lib/api';

import { server } from '../../../../tests/server';
import { Uploads, type Upload } from './uploads';

const TUS = { 'Tus-Resumable': '1.0.0' };
const PROBLEM = {
  type: 'urn:x',
  title: 'No',
  status: 403,
  detail: 'Not yours.',
  code: 'not_an_analyst',
  request_id: 'r',
};

/** A platform that takes uploads; `refuse` answers a number of pieces in another way first. */
function platform({
  refuse = [] as (() => Response)[],
  digest,
}: { refuse?: (() => Response)[]; digest?: string } = {}) {
  const seen = { creations: 0, pieces: 0, metadata: '', deleted: 0, tokens: new Set<string | null>() };
  let size = 0;
  let offset = 0;
  server.use(
    http.post('*/api/v1/uploads', ({ request }) => {
      seen.creations += 1;
      seen.metadata = request.headers.get('Upload-Metadata') ?? '';
      seen.tokens.add(request.headers.get('X-CSRFToken'));
      size = Number(request.headers.get('Upload-Length'));
      offset = 0;
      const headers = { ...TUS, Location: '/api/v1/uploads/u1', 'Upload-Offset': '0' };
      return new HttpResponse(null, { status: 201, headers });
    }),
    http.head('*/api/v1/uploads/u1', () => {
      const headers = { ...TUS, 'Upload-Offset': String(offset), 'Upload-Length': String(size) };
      return new HttpResponse(null, { status: 200, headers });
    }),
    http.patch('*/api/v1/uploads/u1', async ({ request }) => {
      const answer = refuse.shift();
      if (answer) return answer();
      seen.pieces += 1;
      offset += (await request.arrayBuffer()).byteLength;
      return new HttpResponse(null, { status: 204, headers: { ...TUS, 'Upload-Offset': String(offset) } });
    }),
    http.delete('*/api/v1/uploads/u1', () => {
      seen.deleted += 1;
      return new HttpResponse(null, { status: 204, headers: TUS });
    }),
    http.get('*/api/v1/uploads/u1', () => {
      const sha256 = digest ?? '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
      const file = { id: 'f1', name: 'a.txt', size, sha256, created_at: '2026-01-01T00:00:00Z' };
      return HttpResponse.json({ id: 'u1', offset, size, file });
    }),
  );
  return seen;
}

const file = () => new File(['hello'], 'a.txt', { lastModified: 1 });
const states = (uploads: Uploads) => uploads.list.get().map(({ state }) => state);

function begin() {
  const uploads = new Uploads();
  const stored = vi.fn<(file: StoredFile, upload: Upload) => void>();
  uploads.onStored = stored;
  uploads.add([file()], 'p');
  return { uploads, stored };
}

// jsdom's files keep their content to themselves.
Object.assign(File.prototype, { arrayBuffer: () => Promise.resolve(new TextEncoder().encode('hello')) });
afterEach(() => localStorage.clear());

describe('Uploads', () => {
  it('sends a file, checks it, and is done with it', async () => {
    document.cookie = 'csrftoken=abc';
    const seen = platform();
    const { uploads, stored } = begin();
    expect(states(uploads)).toEqual(['sending']);
    await waitFor(() => expect(stored).toHaveBeenCalledOnce());
    expect(stored.mock.calls[0]?.[0].id).toBe('f1');
    expect(uploads.list.get()).toEqual([]);
    expect(seen).toMatchObject({ creations: 1, pieces: 1, metadata: `project ${btoa('p')},filename ${btoa('a.txt')}` });
    expect([...seen.tokens]).toEqual(['abc']);
  });

  it('goes on where it was after what passes', async () => {
    const seen = platform({ refuse: [() => new HttpResponse(null, { status: 503, headers: TUS })] });
    const { stored } = begin();
    await waitFor(() => expect(stored).toHaveBeenCalledOnce(), { timeout: 5_000 });
    expect(seen).toMatchObject({ creations: 1, pieces: 1 });
  });

  it('shows what was refused, and tries again when asked', async () => {
    const seen = platform({ refuse: [() => HttpResponse.json(PROBLEM, { status: 403, headers: TUS })] });
    const { uploads, stored } = begin();
    await waitFor(() => expect(states(uploads)).toEqual(['failed']));
    const [upload] = uploads.list.get();
    expect(upload?.error?.code).toBe('not_an_analyst');
    uploads.resume(upload?.key ?? '');
    await waitFor(() => expect(stored).toHaveBeenCalledOnce());
    // The address of the upload was remembered: nothing was begun anew.
    expect(seen.creations).toBe(1);
  });

  it('takes nothing for done that arrived otherwise', async () => {
    platform({ digest: '0'.repeat(64) });
    const { uploads, stored } = begin();
    await waitFor(() => expect(states(uploads)).toEqual(['failed']));
    expect(uploads.list.get()[0]?.error?.code).toBe('upload_differs');
    expect(stored).not.toHaveBeenCalled();
  });

  it('sends no more than two at once, and the next when one is paused', () => {
    platform();
    const uploads = new Uploads();
    uploads.add([file(), file(), file()], 'p');
    expect(states(uploads)).toEqual(['sending', 'sending', 'waiting']);
    uploads.pause(uploads.list.get()[0]?.key ?? '');
    expect(states(uploads)).toEqual(['paused', 'sending', 'sending']);
    uploads.clear();
    expect(uploads.list.get()).toEqual([]);
  });
});
