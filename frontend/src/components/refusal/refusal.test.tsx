import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';

import { ProblemError, unreachable, type Problem } from '@/lib/api';

import { showPage } from '../../../tests/page';
import { DecisionVerdict, exceptionRequest, Refusal } from '.';

const reasons = [
  { code: 'package_not_allowed', message: 'evil is not on the list', remedy: 'Use another package.' },
  { code: 'limit_above_ceiling', message: 'memory is above the ceiling', remedy: '' },
];

function problem(status: number, more: Partial<Problem> = {}): ProblemError {
  const base = { type: '', title: 'Phrase of HTTP', status, detail: 'In short.', code: 'some_code', request_id: 'r-1' };
  return new ProblemError({ ...base, ...more }, status === 429 ? 2 : null);
}

describe('Refusal', () => {
  it('tells what was asked, every rule, what would pass, and the step that answers a rule', async () => {
    const run = vi.fn();
    showPage({
      path: '/',
      component: () => (
        <Refusal
          error={problem(403, { reasons })}
          asked="A run with evil"
          stepFor={({ code }) => (code === 'package_not_allowed' ? { label: 'Take it out', run } : null)}
        />
      ),
    });
    const alert = await screen.findByRole('alert', { name: '2 rules say no' });
    for (const text of ['A run with evil', 'evil is not on the list', 'Use another package.', 'package_not_allowed']) {
      expect(alert).toHaveTextContent(text);
    }
    expect(alert).toHaveTextContent('memory is above the ceiling');
    expect(alert).not.toHaveTextContent('In short.');
    await userEvent.click(screen.getByRole('button', { name: 'Take it out' }));
    expect(run).toHaveBeenCalledOnce();
    expect(screen.getByRole('button', { name: 'Copy a request for an exception' })).toBeVisible();
  });

  it.each<[string, Error, RegExp, string]>([
    ['signed out', problem(401), /You are not signed in/, 'Sign in'],
    ['absent', problem(404), /Not found/, 'Go to my runs'],
    ['a fault', problem(500), /That did not work/, 'Try again'],
    ['silence', unreachable(), /That did not work/, 'Try again'],
    ['a bug of ours', new TypeError('x is undefined'), /That did not work/, 'Try again'],
  ])('names the smallest next step after %s', async (_name, error, title, step) => {
    showPage({ path: '/', component: () => <Refusal error={error} onRetry={() => undefined} /> });
    expect(await screen.findByRole('alert', { name: title })).not.toHaveTextContent(/Phrase of HTTP|x is undefined/);
    expect(screen.getByText(step).closest('a, button')).toBeVisible();
  });

  it('lets a retry wait as long as it is asked to', async () => {
    const retry = vi.fn();
    showPage({ path: '/', component: () => <Refusal error={problem(429)} onRetry={retry} /> });
    const button = await screen.findByRole('button', { name: /Try again in/ });
    expect(button).toBeDisabled();
    await expect.poll(() => button.textContent, { timeout: 5_000 }).toBe('Try again');
    await userEvent.click(button);
    expect(retry).toHaveBeenCalledOnce();
  });

  it('shows what came from outside as text', async () => {
    const message = '<img src=x onerror=alert(1)>';
    showPage({ path: '/', component: () => <Refusal error={problem(403, { detail: message })} asked={message} /> });
    expect(await screen.findAllByText(message)).not.toHaveLength(0);
    expect(document.querySelector('img')).toBeNull();
  });
});

describe('DecisionVerdict', () => {
  const show = (outcome: string, next?: string) =>
    showPage({
      path: '/',
      component: () => (
        <DecisionVerdict title="Policy's answer" decision={{ outcome, revision: 'r', reasons }} next={next} />
      ),
    });

  it('says of a no what would pass, and of no reviewer', async () => {
    show('deny');
    const card = await screen.findByRole('region', { name: "Policy's answer" });
    expect(card).toHaveTextContent('What would pass Use another package.');
    expect(card).not.toHaveTextContent(/What happens next|What you can do/);
  });

  it.each([
    [undefined, 'What happens next A reviewer of the project says yes or no to it.'],
    ['It starts.', 'What happens next It starts.'],
  ])('says of a review what happens next and what one can do (%s)', async (next, said) => {
    show('review', next);
    const card = await screen.findByRole('region', { name: "Policy's answer" });
    expect(card).toHaveTextContent(said);
    expect(card).toHaveTextContent('What you can do Use another package.');
    expect(card).not.toHaveTextContent(/What would pass|Copy a request/);
  });
});

describe('exceptionRequest', () => {
  it('holds all that a policy admin has to know', () => {
    expect(exceptionRequest('A run with evil', reasons, 'r-1')).toBe(
      [
        'Request for an exception',
        'Asked: A run with evil',
        '- evil is not on the list (package_not_allowed)',
        '  What would pass: Use another package.',
        '- memory is above the ceiling (limit_above_ceiling)',
        'Request id: r-1',
      ].join('\n'),
    );
  });
});
