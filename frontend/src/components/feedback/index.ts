export { Empty, ErrorState, Loading, Partial } from './feedback';
