export { follow, type FollowOptions, type StreamEvent, type StreamState } from './follow';
export { isAfter } from './ids';
