/**
 * Whether the stream id `next` (`milliseconds-sequence`) comes after `last`. An id of another form counts as new when
 * it differs: better twice than never.
 */
export function isAfter(next: string, last: string | null): boolean {
  if (last === null) return true;
  const [a, b] = [parts(next), parts(last)];
  if (!a || !b) return next !== last;
  return a[0] === b[0] ? a[1] > b[1] : a[0] > b[0];
}

function parts(id: string): [bigint, bigint] | null {
  const match = /^(\d{1,20})(?:-(\d{1,20}))?$/.exec(id);
  return match ? [BigInt(match[1] ?? 0), BigInt(match[2] ?? 0)] : null;
}
