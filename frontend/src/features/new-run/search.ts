export interface NewRunSearch {
  /** The run whose inputs the form begins with. */
  from?: string | undefined;
}

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function newRunSearch(given: Record<string, unknown>): NewRunSearch {
  // Named even if it is none: the router would show what was left out as it was given.
  return { from: typeof given.from === 'string' && ID.test(given.from) ? given.from : undefined };
}
