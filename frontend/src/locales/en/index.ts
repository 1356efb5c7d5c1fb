export { account } from './account';
export { api } from './api';
export { components } from './components';
export { session } from './session';
export { shell } from './shell';
export { states } from './states';
