export { sessionEnded } from './ended';
export { meQuery, useMe, type Me, type Membership, type Role } from './me';
export { useProjects, type Projects } from './project';
