export { FilePreview, TablePreview } from './table-preview';
