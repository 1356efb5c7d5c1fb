import type { Limit } from '@/lib/api';
import { bytes, count, duration } from '@/lib/format';
import { newRun } from '@/locales';

const t = newRun.limits;
const MEGABYTE = 1024 ** 2;
const HOUR = 3600;

/** A value of a limit in words: `1 GB`, `10 min`, `2 cores`. */
export function shownLimit({ unit }: Pick<Limit, 'unit'>, value: number): string {
  switch (unit) {
    case 'bytes':
      return bytes(value);
    case 'seconds':
      return duration(value);
    case 'cores':
      return t.cores({ n: value });
    case 'count':
      return count(value);
  }
}

/** The unit in which a limit is typed, and how many of the platform's units it is. */
export function fieldUnit(
  { unit, ceiling }: Pick<Limit, 'unit' | 'ceiling'>,
  value = 0,
): { suffix: string; factor: number } {
  if (unit === 'bytes') return { suffix: t.units.megabytes, factor: MEGABYTE };
  if (unit === 'seconds') {
    return ceiling >= HOUR ? { suffix: t.units.minutes, factor: 60 } : { suffix: t.units.seconds, factor: 1 };
  }
  return { suffix: unit === 'cores' ? (value === 1 ? t.units.core : t.units.cores) : '', factor: 1 };
}

/** A typed number as a value of the limit: whole, but for cores. */
export function fromField(limit: Pick<Limit, 'unit' | 'ceiling'>, typed: number): number {
  const value = typed * fieldUnit(limit).factor;
  return limit.unit === 'cores' ? value : Math.round(value);
}

export function toField(limit: Pick<Limit, 'unit' | 'ceiling'>, value: number): number {
  return Number((value / fieldUnit(limit).factor).toPrecision(6));
}

/** Positions of a slider, 0 to 100; each step is a share of the value, as people think of sizes and times. */
export const POSITIONS = 100;

export function toPosition({ floor, ceiling }: Pick<Limit, 'floor' | 'ceiling'>, value: number): number {
  const [low, high] = [scaled(floor), scaled(ceiling)];
  if (high <= low) return POSITIONS;
  return Math.min(POSITIONS, Math.max(0, Math.round(((scaled(value) - low) / (high - low)) * POSITIONS)));
}

export function fromPosition(limit: Pick<Limit, 'unit' | 'floor' | 'ceiling'>, position: number): number {
  const { floor, ceiling } = limit;
  if (position <= 0) return floor;
  if (position >= POSITIONS) return ceiling;
  const [low, high] = [scaled(floor), scaled(ceiling)];
  const value = 2 ** (low + ((high - low) * position) / POSITIONS) - OFFSET;
  return Math.min(ceiling, Math.max(floor, rounded(limit.unit, value)));
}

// So that a floor of 0 has a logarithm.
const OFFSET = 0.01;

function scaled(value: number): number {
  return Math.log2(value + OFFSET);
}

/** To a figure that a person would have typed. */
function rounded(unit: Limit['unit'], value: number): number {
  if (unit === 'cores') return Math.max(0.05, Math.round(value * 20) / 20);
  if (unit === 'bytes') return value > MEGABYTE ? coarse(value / MEGABYTE, 8) * MEGABYTE : Math.round(value);
  if (unit === 'seconds') return value > 120 ? coarse(value / 60, 5) * 60 : coarse(value, 5);
  return coarse(value, 5);
}

function coarse(value: number, step: number): number {
  return value < 2 * step ? Math.round(value) : Math.round(value / step) * step;
}
