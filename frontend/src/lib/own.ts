/** What a record has of its own under a name that came from elsewhere: `constructor` is in none. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
