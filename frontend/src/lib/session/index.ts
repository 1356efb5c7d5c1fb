export { sessionEnded } from './ended';
export { meQuery, useMe, type Me, type Membership, type Role } from './me';
export { logsRead, readsLogs } from './logs';
export { useProjects, type Projects } from './project';
