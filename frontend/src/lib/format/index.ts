export { bytes, count, plural, rate } from './quantities';
export { clock, dateTime, day, duration, since, until } from './times';
