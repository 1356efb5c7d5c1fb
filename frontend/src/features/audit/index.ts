export { EntriesPage } from './entries/entries-page';
export { EntryPage } from './entry/entry-page';
export { ExportsPage } from './exports/exports-page';
export { HoldsPage } from './holds/holds-page';
export { IntegrityPage } from './integrity/integrity-page';
export { RecallPage } from './recall/recall-page';
