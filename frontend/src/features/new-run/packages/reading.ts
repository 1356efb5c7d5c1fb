/** The packages in what was typed or pasted: separated by lines, commas or spaces, comments and options left out. */
export function packagesIn(text: string): string[] {
  return text
    .split('\n')
    .map((line) => (line.split(/(?:^|\s)#/)[0] ?? '').trim())
    .filter((line) => line && !line.startsWith('-'))
    .map((line) => (line.split(';')[0] ?? '').replace(/\s*==\s*/g, '=='))
    .flatMap((line) => line.split(/[\s,]+/))
    .filter(Boolean);
}
