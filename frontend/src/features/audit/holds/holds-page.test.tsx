import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import { me } from '@/lib/specimens';

import { showPage } from '../../../../tests/page';
import { server } from '../../../../tests/server';
import { aHold } from './holds.specimens';
import { HoldsPage } from './holds-page';

let erased: unknown[] = [];
let lifted: unknown[] = [];

function answers(...roles: string[]) {
  const projects = me.projects.map((project) => ({ ...project, roles }));
  const list = (results: unknown[]) => HttpResponse.json({ results, next: null, previous: null });
  server.use(
    http.get('*/api/v1/me', () => HttpResponse.json({ ...me, projects })),
    http.get('*/api/v1/audit/holds', () => list([aHold(), aHold({ id: '2', subject: null, subject_name: null })])),
    http.get('*/api/v1/audit/erasures', () => list([])),
    http.get('*/api/v1/audit/retention', () =>
      HttpResponse.json({
        audit_months: 12,
        content_months: 1,
        last_run_at: null,
        last_run_finished_at: null,
        next_run_at: null,
      }),
    ),
    http.post('*/api/v1/audit/erasures', async ({ request }) => {
      erased.push(await request.json());
      return HttpResponse.json({}, { status: 201 });
    }),
    http.post('*/api/v1/audit/holds/:id/lift', async ({ request }) => {
      lifted.push(await request.json());
      return HttpResponse.json(aHold());
    }),
  );
}

beforeEach(() => {
  localStorage.clear();
  [erased, lifted] = [[], []];
});

const show = () => showPage({ path: '/audit/holds', component: HoldsPage });

describe('holds and erasures', () => {
  it('erase nobody who is not named twice, with a reason', async () => {
    answers('platform_admin');
    show();
    const form = within(await screen.findByRole('form', { name: 'Erase a person' }));
    const user = userEvent.setup();
    const button = form.getByRole('button', { name: 'Erase for good' });
    await user.type(form.getByLabelText('Whom'), 'amira');
    await user.type(form.getByLabelText('Why'), 'case 7');
    await user.type(form.getByLabelText('Whom, once more'), 'amir');
    expect(button).toBeDisabled();
    await user.type(form.getByLabelText('Whom, once more'), 'a');
    expect(button).toBeEnabled();
    await user.type(form.getByLabelText('Whom, once more'), 'x');
    expect(button).toBeDisabled();
    expect(form.getByText('Not the same as above.')).toBeVisible();
    await user.type(form.getByLabelText('Whom, once more'), '{Backspace}');
    await user.click(button);
    await expect.poll(() => erased).toEqual([{ subject: 'amira', reason: 'case 7' }]);
    expect(screen.queryByRole('form', { name: 'Place a hold' })).toBeNull();
  });

  it('let an auditor lift a hold with a reason, and erase nobody', async () => {
    answers('auditor');
    show();
    const user = userEvent.setup();
    const [lift] = await screen.findAllByRole('button', { name: /^Lift the hold on/ });
    expect(screen.queryByRole('form', { name: 'Erase a person' })).toBeNull();
    if (lift) await user.click(lift);
    const dialog = within(await screen.findByRole('dialog'));
    expect(dialog.getByRole('button', { name: 'Lift' })).toBeDisabled();
    await user.type(dialog.getByLabelText('Why'), 'closed');
    await user.click(dialog.getByRole('button', { name: 'Lift' }));
    await expect.poll(() => lifted).toEqual([{ reason: 'closed' }]);
  });

  it('say how long things are kept', async () => {
    answers('auditor');
    show();
    expect(await screen.findByText('12 months')).toBeVisible();
    expect(screen.getByText('1 month')).toBeVisible();
  });

  it('are for nobody else', async () => {
    answers('analyst');
    show();
    expect(await screen.findByText('Nothing here for you')).toBeVisible();
  });
});
