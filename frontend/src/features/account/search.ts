export const TABS = ['profile', 'security', 'sessions', 'tokens'] as const;
export type AccountTab = (typeof TABS)[number];

export interface AccountSearch {
  tab?: AccountTab;
}

export function accountSearch(given: Record<string, unknown>): AccountSearch {
  const tab = TABS.find((one) => one === given.tab);
  return tab && tab !== 'profile' ? { tab } : {};
}
