import type { Command } from '@/lib/commands';

/**
 * The commands that a query finds, best first: every word of it must be somewhere; words at the beginning of a title
 * count most, words at the beginning of a word next. Without a query, all of them in the order they were given. What
 * two keys lead to is found once.
 */
export function search(commands: readonly Command[], query: string): Command[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return commands
    .map((command) => ({ command, score: score(command, words) }))
    .filter(({ score: found }) => found > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ command }) => command)
    .filter(({ title }, at, all) => all.findIndex((other) => other.title === title) === at);
}

function score({ title, section, keywords = '' }: Command, words: string[]): number {
  const name = title.toLowerCase();
  const all = `${name} ${section.toLowerCase()} ${keywords.toLowerCase()}`;
  let total = 1;
  for (const word of words) {
    if (name.startsWith(word)) total += 8;
    else if (all.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word))) total += 4;
    else if (all.includes(word)) total += 1;
    else return 0;
  }
  return total;
}
