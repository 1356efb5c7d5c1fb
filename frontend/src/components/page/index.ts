export { Page, Section } from './page';
export { usePageTitle } from './title';
