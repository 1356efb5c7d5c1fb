import '@testing-library/jest-dom/vitest';

import { cleanup, configure } from '@testing-library/react';
import { afterAll, afterEach, beforeAll, vi } from 'vitest';

import { server } from './server';

// A page shows a thing when it is done: how soon, in this simulated browser on a busy machine, is not what is tested.
configure({ asyncUtilTimeout: 8_000 });

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  cleanup();
  server.resetHandlers();
});
afterAll(() => {
  server.close();
  // The files share one simulated browser, which takes longer to make than most of them take in it.
  localStorage.clear();
  sessionStorage.clear();
  history.replaceState(null, '', '/');
});

// jsdom lays nothing out; these are what components ask of a browser that does.
class Observer {
  observe = vi.fn();
  unobserve = vi.fn();
  disconnect = vi.fn();
}
Object.assign(window, {
  scrollTo: () => undefined,
  ResizeObserver: Observer,
  IntersectionObserver: Observer,
  matchMedia: (query: string) => ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }),
});
Object.assign(Element.prototype, { scrollIntoView: () => undefined });
