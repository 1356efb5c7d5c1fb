export interface SignInSearch {
  /** The page to go to afterwards: a path of this console. */
  to?: string | undefined;
  /** What an identity provider's page came back with. */
  error?: string | undefined;
}

export function signInSearch(given: Record<string, unknown>): SignInSearch {
  const to = given.to;
  const error = given.error;
  // What is not there is said to be so: the router keeps under it what the address says.
  return {
    to: typeof to === 'string' && isOwnPath(to) ? to : undefined,
    error: typeof error === 'string' ? error.slice(0, 100) : undefined,
  };
}

// As long as the longest address that the console makes itself, and as servers and browsers take.
const LONGEST = 2_000;

/** Whether an address leads to a page of this console and nowhere else. */
export function isOwnPath(to: string): boolean {
  if (!to.startsWith('/') || to.length > LONGEST) return false;
  try {
    const { origin, pathname } = new URL(to, window.location.origin);
    // A path that begins with two slashes is a host's name to whoever resolves it once more.
    return origin === window.location.origin && !/^\/(\/|sign-in)/.test(pathname);
  } catch {
    return false;
  }
}
