export { Countdown, Elapsed, RelativeTime, useLeft } from './time';
