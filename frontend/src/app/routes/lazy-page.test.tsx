import { screen } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import { connection } from '@/lib/connection';

import { showPage } from '../../../tests/page';
import { server } from '../../../tests/server';
import { RouteError } from './errors';
import { lazyPage, PageNotLoaded } from './lazy-page';

beforeEach(() => connection.set('online'));

/** What a page shows whose code fails to arrive, as the router catches it. */
async function shown(): Promise<unknown> {
  const Page = lazyPage(() => Promise.reject<{ Page: () => null }>(new Error('Unable to preload CSS')), 'Page');
  await Page.preload?.();
  let thrown: unknown;
  try {
    (Page as (props: object) => unknown)({});
  } catch (error) {
    thrown = error;
  }
  showPage({ path: '/', component: () => <RouteError error={thrown} reset={() => undefined} /> });
  return thrown;
}

describe('a page whose code does not arrive', () => {
  it('says that nothing answers when nothing does', async () => {
    server.use(http.get('*/healthz', () => HttpResponse.error()));
    expect(await shown()).toBeInstanceOf(PageNotLoaded);
    expect(await screen.findByText('The platform did not answer.')).toBeVisible();
    expect(connection.get()).toBe('unreachable');
  });

  it('says that the console was updated when the platform is there', async () => {
    server.use(http.get('*/healthz', () => HttpResponse.json({})));
    expect(await shown()).toBeInstanceOf(PageNotLoaded);
    expect(await screen.findByRole('button', { name: 'Reload' })).toBeVisible();
    expect(connection.get()).toBe('online');
  });
});
