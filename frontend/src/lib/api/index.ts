export { answer, api, changeHeaders, csrfToken } from './client';
export { cursor, keyset, rows, type Page } from './keyset';
export { asProblem, ProblemError, problemOf, UNREACHABLE, UNREADABLE, unreachable } from './problem';
export { createQueryClient } from './queries';
export type * from './schema';
