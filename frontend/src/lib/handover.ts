/** Files that one page took for the next to work on; given once. */
let waiting: File[] = [];

export function handOver(files: readonly File[]): void {
  waiting = [...files];
}

export function takeHandedOver(): File[] {
  const files = waiting;
  waiting = [];
  return files;
}
