import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { act, render, screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { announcement } from '@/lib/announce';
import { createQueryClient, type Run } from '@/lib/api';

import { server } from '../../../../tests/server';
import { MemoryLeft } from './memory-left';

const MB = 1 << 20;
const RUN = {
  id: '9194f012-4f44-475a-bda6-1e4e7f802cbd',
  state: 'executing',
  limits: { memory_bytes: 500 * MB },
  usage: { wall_seconds: null, cpu_seconds: null, peak_memory_bytes: null },
  sandbox: { image_digest: 'sha256:00', enforced: ['memory_bytes'], not_enforced: [] },
} as unknown as Run;

const platform = { held: [] as (number | null)[], asked: 0 };

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  window.dispatchEvent(new Event('pointerdown'));
  Object.assign(platform, { held: [], asked: 0 });
  server.use(
    http.get(`*/api/v1/runs/${RUN.id}/usage`, () => {
      const held = platform.held[Math.min(platform.asked++, platform.held.length - 1)] ?? null;
      return HttpResponse.json({ memory_bytes: held, peak_memory_bytes: held, cpu_seconds: 1, disk_bytes: 0 });
    }),
  );
});

afterEach(() => vi.useRealTimers());

function show(over: Partial<Run> = {}) {
  render(
    <MantineProvider>
      <QueryClientProvider client={createQueryClient(() => undefined)}>
        <MemoryLeft run={{ ...RUN, ...over }} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

const meter = () => screen.getByRole('meter', { name: 'Memory' });
const says = (text: string) => waitFor(() => expect(meter()).toHaveAttribute('aria-valuetext', text));
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

describe('MemoryLeft', () => {
  it('falls and rises with what the sandbox holds', async () => {
    platform.held = [100 * MB, 250 * MB, 50 * MB];
    show();
    await says('400 MB of 500 MB left');
    await pass(2_000);
    await says('250 MB of 500 MB left');
    await pass(2_000);
    await says('450 MB of 500 MB left');
  });

  it('warns in colour, and in words once until it was not scarce any more', async () => {
    const turn = announcement.get().turn;
    platform.held = [400 * MB, 475 * MB, 480 * MB, 425 * MB, 485 * MB, 50 * MB, 475 * MB];
    show();
    const tones: (string | undefined)[] = [];
    while (tones.length < platform.held.length) {
      await pass(1_000);
      tones.push(meter().parentElement?.dataset.tone);
      await pass(1_000);
    }
    expect(tones).toEqual(['wait', 'bad', 'bad', 'wait', 'bad', 'info', 'bad']);
    expect(announcement.get().turn - turn).toBe(2);
    expect(announcement.get().text).toMatch(/^Nearly all of the memory/);
  });

  it('asks nothing while nobody is there, and again as soon as somebody is', async () => {
    platform.held = [100 * MB];
    show();
    await says('400 MB of 500 MB left');
    await pass(70_000);
    const before = platform.asked;
    expect(before).toBeGreaterThan(20);
    await pass(60_000);
    expect(platform.asked).toBe(before);
    act(() => void window.dispatchEvent(new Event('keydown')));
    await waitFor(() => expect(platform.asked).toBeGreaterThan(before));
  });

  it.each(['queued', 'starting', 'closed'] as const)('asks nothing of a run that is %s', async (state) => {
    show({ state });
    await pass(5_000);
    expect(platform.asked).toBe(0);
  });

  it('shows the highest that finished cells held where nobody can tell what is held now', async () => {
    platform.held = [null];
    show({ usage: { ...RUN.usage, peak_memory_bytes: 300 * MB } });
    await says('at most 300 MB of 500 MB used');
  });

  it('says where no limit is held, and warns of none', async () => {
    platform.held = [700 * MB];
    show({ sandbox: { ...RUN.sandbox, not_enforced: ['cpu_cores', 'memory_bytes'] } });
    await says('700 MB used; no limit is held');
    expect(meter().parentElement).toHaveAttribute('data-tone', 'info');
  });
});
