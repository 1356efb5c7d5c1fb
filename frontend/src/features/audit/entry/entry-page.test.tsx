import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import { me } from '@/lib/specimens';

import { showPage } from '../../../../tests/page';
import { server } from '../../../../tests/server';
import vectors from '../../../../tests/files/proofs.json';
import { anEntry } from '../audit.specimens';
import { pastedKeys, trustsPasted } from '../proof/keys';
import { EntryPage } from './entry-page';

const proof = vectors.proofs.find(({ index }) => index === 41);
const file = proof?.file ?? '';
const entry = anEntry({ header: proof?.header ?? '', index: 41 });

function problem(status: number, code: string, detail: string) {
  const body = { type: `urn:bailiwick:problem:${code}`, title: 'x', status, detail, code, request_id: 'r' };
  return HttpResponse.json(body, { status, headers: { 'Content-Type': 'application/problem+json' } });
}

function answers({ proofFile = file, keys = vectors.key }: { proofFile?: string; keys?: string } = {}) {
  server.use(
    http.get('*/api/v1/me', () => HttpResponse.json(me)),
    http.get('*/api/v1/audit/keys', () => HttpResponse.text(`${keys}\n`)),
    http.get('*/api/v1/audit/entries/:id/proof', () => HttpResponse.text(proofFile)),
    http.get('*/api/v1/audit/entries/:id', () => HttpResponse.json(entry)),
  );
}

const show = () =>
  showPage({ path: '/audit/entries/$entryId', address: `/audit/entries/${entry.id}`, component: EntryPage });
const verdict = async (word: string): Promise<HTMLElement> => {
  const found = (await screen.findByText(word)).closest<HTMLElement>('[data-tone]');
  if (!found) throw new Error('a result without a tone');
  return found;
};

beforeEach(() => {
  pastedKeys.set('');
  trustsPasted.set(false);
});

describe('the page of an entry', () => {
  it('says what is recorded, and draws the proof that it verified', async () => {
    answers();
    show();
    expect(await screen.findByRole('heading', { level: 1, name: 'Run asked for' })).toBeVisible();
    const found = within(await verdict('Verified'));
    expect(found.getAllByText('Holds')).toHaveLength(5);
    expect(found.getByText(/could list another key/)).toBeVisible();
    expect(screen.getByRole('img', { name: /path of entry 41 in a tree of 57 entries/ })).toBeVisible();
    await userEvent.click(screen.getByText('The same in words'));
    expect(screen.getByText(`That is the root of the checkpoint, ${proof?.root}.`)).toBeVisible();
  });

  it('shows that a proof fails when the platform gives one that was tampered with', async () => {
    answers({ proofFile: file.replace('index 41', 'index 40') });
    show();
    const found = within(await verdict('Does not verify'));
    expect(found.getByText('The way up from the entry ends at another root.')).toBeVisible();
    expect(screen.queryByText('Verified')).toBeNull();
  });

  it('takes the auditor’s key in place of the platform’s, and says whose it was', async () => {
    answers({ keys: vectors.otherKey });
    show();
    const user = userEvent.setup();
    await verdict('Does not verify');
    await user.click(screen.getByRole('radio', { name: 'A key that I paste' }));
    await verdict('Verified in part');
    await user.click(screen.getByLabelText('Verifier keys, one a line'));
    await user.paste(`nonsense\n${vectors.key}`);
    const found = within(await verdict('Verified'));
    expect(found.getByText(/did not come from the platform/)).toBeVisible();
    expect(screen.getByText('No verifier key: line 1')).toBeVisible();
  });

  it('lets the auditor see one fail', async () => {
    answers();
    show();
    await verdict('Verified');
    await userEvent.click(screen.getByRole('checkbox', { name: 'Change one bit of the entry' }));
    const found = within(await verdict('Does not verify'));
    expect(found.getByText(/at your wish/)).toBeVisible();
    expect(found.getByText('Its bytes are not those of the entry that you look at.')).toBeVisible();
  });

  it('checks a proof from the disk', async () => {
    answers();
    show();
    await verdict('Verified');
    // jsdom's files do not tell what is in them.
    const text = () => Promise.resolve(vectors.proofs[0]?.file ?? '');
    const other = Object.assign(new File(['x'], 'kept.tlog-proof'), { text });
    const [picker] = document.querySelectorAll<HTMLInputElement>('input[type=file]');
    if (picker) await userEvent.upload(picker, other);
    await verdict('Does not verify');
    expect(screen.getByText('Checked is kept.tlog-proof, from your disk.')).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: 'Check the platform’s again' }));
    await verdict('Verified');
  });

  it('waits for a checkpoint that has the entry', async () => {
    answers();
    let asked = 0;
    server.use(
      http.get('*/api/v1/audit/entries/:id/proof', () => {
        asked += 1;
        return asked < 2
          ? problem(409, 'not_signed_yet', 'No checkpoint has this entry yet.')
          : HttpResponse.text(file);
      }),
    );
    show();
    expect(await screen.findByText('No checkpoint has this entry yet')).toBeVisible();
    await verdict('Verified');
  });

  it('says so when there is no such entry for this person', async () => {
    server.use(
      http.get('*/api/v1/me', () => HttpResponse.json(me)),
      http.get('*/api/v1/audit/entries/:id', () => problem(404, 'not_found', 'There is no such audit entry.')),
    );
    show();
    expect(await screen.findByText('There is no such audit entry.')).toBeVisible();
    expect(screen.queryByText('Proof')).toBeNull();
  });
});
