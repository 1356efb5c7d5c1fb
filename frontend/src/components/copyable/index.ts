export { CopyButton, Copyable, shortened } from './copyable';
