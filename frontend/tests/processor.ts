declare const process: {
  cpuUsage: (since?: { user: number; system: number }) => { user: number; system: number };
};

/** Milliseconds of processor time that this process spends on some work, whatever else the machine does meanwhile. */
export function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const spent = process.cpuUsage(before);
  return (spent.user + spent.system) / 1_000;
}
