import { createStore, useStore } from '@/lib/store';

import { useMe, type Membership } from './me';

const KEY = 'bailiwick.project';

/** The project that the person works in, remembered by this browser; the empty string for all of them. */
const chosen = createStore(remembered());

export interface Projects {
  all: readonly Membership[];
  /** Null when the person looks at all projects. */
  current: Membership | null;
  choose: (id: string | null) => void;
}

/** The person's projects and the one that the side bar's switch is on. */
export function useProjects(): Projects {
  const { projects } = useMe();
  const id = useStore(chosen);
  const only = projects.length === 1 ? projects[0] : undefined;
  return { all: projects, current: only ?? projects.find((project) => project.id === id) ?? null, choose };
}

function choose(id: string | null): void {
  chosen.set(id ?? '');
  try {
    localStorage.setItem(KEY, id ?? '');
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}

function remembered(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    return '';
  }
}
