export { ExecutionStateBadge, RunStateBadge, StateBadge, Tag } from './state-badge';
export { executionLooks, runLooks, type Look } from './states';
