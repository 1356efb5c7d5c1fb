export const TABS = ['profile', 'security', 'sessions', 'tokens'] as const;
export type AccountTab = (typeof TABS)[number];

export interface AccountSearch {
  tab?: AccountTab | undefined;
}

export function accountSearch(given: Record<string, unknown>): AccountSearch {
  const tab = TABS.find((one) => one === given.tab);
  // What is not there is said to be so: the router keeps under it what the address says.
  return { tab: tab === 'profile' ? undefined : tab };
}
