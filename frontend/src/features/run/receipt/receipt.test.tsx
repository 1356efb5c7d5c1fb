import { MantineProvider } from '@mantine/core';
import { QueryClientProvider, useQuery } from '@tanstack/react-query';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { createQueryClient, type Execution } from '@/lib/api';
import { aCell } from '@/lib/specimens';

import { server } from '../../../../tests/server';
import { executionQuery } from '../queries';
import { Receipt } from './receipt';

const RUN = '9194f012-4f44-475a-bda6-1e4e7f802cbd';
const HREF = `/api/v1/runs/${RUN}/executions/1/receipt`;
const saved = vi.fn(() => 'blob:receipt');
const platform = { states: [] as ('waiting' | 'available')[], refuses: false, taken: 0 };

function cell(): Execution {
  const state = platform.states.length > 1 ? platform.states.shift() : platform.states[0];
  return aCell({ receipt: { href: HREF, state: state ?? 'available' } });
}

beforeEach(() => {
  Object.assign(platform, { states: ['available'], refuses: false, taken: 0 });
  saved.mockClear();
  URL.createObjectURL = saved;
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined);
  server.use(
    http.get(`*/api/v1/runs/${RUN}/executions/1`, () => HttpResponse.json(cell())),
    http.get(`*${HREF}`, () => {
      platform.taken += 1;
      if (!platform.refuses) return new HttpResponse('bailiwick-receipt/v1\n');
      const detail = 'No checkpoint has all entries of this execution yet.';
      const problem = { code: 'not_signed_yet', title: 'Conflict', detail, status: 409, request_id: 'x' };
      return HttpResponse.json(problem, { status: 409 });
    }),
  );
});

/** As a cell shows it: from the execution's own answer, as it is asked for again. */
function Shown() {
  const { data } = useQuery(executionQuery(RUN, 1));
  return data?.receipt ? <Receipt runId={RUN} number={1} offered={data.receipt} /> : null;
}

async function open() {
  const user = userEvent.setup();
  render(
    <MantineProvider>
      <QueryClientProvider client={createQueryClient(() => undefined)}>
        <Shown />
      </QueryClientProvider>
    </MantineProvider>,
  );
  await user.click(await screen.findByRole('button', { name: 'Receipt of cell 1' }));
  return { user, dialog: within(await screen.findByRole('dialog', { name: 'Receipt of cell 1' })) };
}

describe('the receipt of a cell', () => {
  it('says in words what it proves and what it does not, and is downloaded', async () => {
    const { user, dialog } = await open();
    expect(dialog.getByRole('status')).toHaveTextContent('Signed');
    expect(dialog.getByRole('heading', { name: 'What it does not prove' })).toBeVisible();
    expect(dialog.getByText('That what the sandbox reported is true, or that the code was right.')).toBeVisible();
    expect(dialog.getByText(/^python verifier\.py receipt .* --key keys/)).toBeVisible();
    await user.click(dialog.getByRole('button', { name: 'Download the receipt' }));
    await vi.waitFor(() => expect(saved).toHaveBeenCalled());
    expect(platform.taken).toBe(1);
  });

  it('waits for its signature, and notices it', async () => {
    platform.states = ['waiting', 'available'];
    const { dialog } = await open();
    expect(dialog.getByRole('status')).toHaveTextContent('Being signed');
    expect(dialog.getByRole('button', { name: 'Download the receipt' })).toBeDisabled();
    expect(await dialog.findByText('Signed', undefined, { timeout: 10_000 })).toBeVisible();
    expect(dialog.getByRole('button', { name: 'Download the receipt' })).toBeEnabled();
  });

  it('says why there is none', async () => {
    platform.refuses = true;
    const { user, dialog } = await open();
    await user.click(dialog.getByRole('button', { name: 'Download the receipt' }));
    expect(await dialog.findByText(/No checkpoint has all entries/)).toBeVisible();
  });
});
