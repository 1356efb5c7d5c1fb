import type { Me, Membership, Role } from './me';

// The platform decides; this is for what is offered.
const READERS: readonly Role[] = ['auditor', 'platform_admin'];

/** The projects whose log the person reads. */
export function logsRead({ projects }: Pick<Me, 'projects'>): Membership[] {
  return projects.filter(({ roles }) => roles.some((role) => READERS.includes(role)));
}

/** Whether the person reads any project's log. */
export function readsLogs(me: Pick<Me, 'projects'>): boolean {
  return logsRead(me).length > 0;
}
