const LANGUAGE = 'en';
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
const whole = new Intl.NumberFormat(LANGUAGE);
const rules = new Intl.PluralRules(LANGUAGE);

/** `1,234`. */
export function count(n: number): string {
  return whole.format(n);
}

/** Bytes in powers of 1024 to three digits: `0 B`, `1.5 KB`, `640 MB`. */
export function bytes(n: number): string {
  let value = Math.max(0, n);
  let unit = 0;
  // 999.5 and more would be shown with four digits.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${trimmed(value.toFixed(digits))} ${UNITS[unit] ?? 'B'}`;
}

/** Bytes a second: `1.5 MB/s`. */
export function rate(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`;
}

/** A number with the form of its noun: `1 run`, `1,234 runs`. */
export function plural(n: number, one: string, other: string): string {
  return `${count(n)} ${rules.select(n) === 'one' ? one : other}`;
}

function trimmed(number: string): string {
  return number.includes('.') ? number.replace(/\.?0+$/, '') : number;
}
