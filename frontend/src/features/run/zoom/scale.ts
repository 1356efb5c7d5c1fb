/** Null where the whole fits the room that it has. */
export type Scale = number | null;

export interface Size {
  width: number;
  height: number;
}

export const STEPS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8] as const;
export const [LEAST, MOST] = [0.1, 8];
// What is read line by line grows no larger by itself, however wide the screen.
const MOST_READ = 1.5;
// So much of the wheel doubles a picture, or halves it.
const WHEEL_TO_DOUBLE = 300;

/** The scale at which all of a picture is seen, as large as its room allows; by its width alone for what is read. */
export function fitting(picture: Size, room: Size, by: 'both' | 'width'): number {
  const wide = room.width / Math.max(1, picture.width);
  const high = room.height / Math.max(1, picture.height);
  return within(Math.min(wide, by === 'width' ? MOST_READ : high));
}

/** The next step up or down from any scale. */
export function stepped(from: number, by: 1 | -1): number {
  // A scale that was fitted may stand a hair beside a step.
  const next = by > 0 ? STEPS.find((each) => each > from * 1.01) : STEPS.findLast((each) => each < from * 0.99);
  return next ?? from;
}

export function wheeled(from: number, delta: number): number {
  return within(from * 2 ** (-delta / WHEEL_TO_DOUBLE));
}

/** What a key asks for; undefined for a key that asks for nothing. */
export function keyed(key: string, from: number): Scale | undefined {
  if (key === '+' || key === '=') return stepped(from, 1);
  if (key === '-') return stepped(from, -1);
  if (key === '0') return null;
  if (key === '1' || key === '2') return Number(key);
  return undefined;
}

function within(scale: number): number {
  return Math.min(MOST, Math.max(LEAST, scale));
}
