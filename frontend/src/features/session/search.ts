export interface SignInSearch {
  /** The page to go to afterwards: a path of this console. */
  to?: string;
  /** What an identity provider's page came back with. */
  error?: string;
}

export function signInSearch(given: Record<string, unknown>): SignInSearch {
  const to = given.to;
  const error = given.error;
  return {
    ...(typeof to === 'string' && isOwnPath(to) ? { to } : {}),
    ...(typeof error === 'string' ? { error: error.slice(0, 100) } : {}),
  };
}

/** Whether an address leads to a page of this console and nowhere else. */
export function isOwnPath(to: string): boolean {
  if (!to.startsWith('/')) return false;
  try {
    const { origin, pathname } = new URL(to, window.location.origin);
    return origin === window.location.origin && !pathname.startsWith('/sign-in');
  } catch {
    return false;
  }
}
