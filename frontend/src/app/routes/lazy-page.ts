import { lazyRouteComponent } from '@tanstack/react-router';

import { reportAnswer, reportSilence } from '@/lib/connection';

/** A page's code did not arrive: because nothing answers, or because the platform serves another build by now. */
export class PageNotLoaded extends Error {
  override readonly name = 'PageNotLoaded';
  readonly reason: 'silence' | 'update';

  constructor(reason: 'silence' | 'update') {
    super(`The page's code did not arrive: ${reason}.`);
    this.reason = reason;
  }
}

/**
 * A page that is fetched when it is needed. Throws PageNotLoaded when it cannot be.
 * The router's own helper would load the whole console anew instead, and show nothing at all while nothing answers.
 */
export function lazyPage<M extends Record<string, unknown>, K extends keyof M & string>(
  load: () => Promise<M>,
  name: K,
): ReturnType<typeof lazyRouteComponent<M, K>> {
  return lazyRouteComponent(() => load().catch(explain), name);
}

async function explain(): Promise<never> {
  const there = await fetch('/healthz', { cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  );
  if (there) {
    reportAnswer(200);
    throw new PageNotLoaded('update');
  }
  reportSilence();
  throw new PageNotLoaded('silence');
}
