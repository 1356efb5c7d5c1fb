export { DropZone } from './drop-zone';
export { useFileDrop, usePastedFiles } from './drop';
