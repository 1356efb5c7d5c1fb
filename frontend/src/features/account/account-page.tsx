import { Tabs } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { Page } from '@/components/page';
import { useMe } from '@/lib/session';
import { account as t } from '@/locales';

import { Profile } from './profile';
import { TABS, type AccountSearch, type AccountTab } from './search';
import { Security } from './security';
import { Sessions } from './sessions';
import { Tokens } from './tokens';

const PANELS: Record<AccountTab, () => React.JSX.Element> = {
  profile: Profile,
  security: Security,
  sessions: Sessions,
  tokens: Tokens,
};

/** The person's own account: who they are, how they sign in, where they are signed in, and their tokens. */
export function AccountPage() {
  const me = useMe();
  const { tab = 'profile' }: AccountSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const go = (next: string | null) => {
    void navigate({ to: '/account', search: next === 'profile' ? {} : { tab: next as AccountTab }, replace: true });
  };
  return (
    <Page title={t.title} lead={t.lead({ username: me.username })} width="reading">
      <Tabs value={tab} onChange={go} keepMounted={false}>
        <Tabs.List>
          {TABS.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t.tabs[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map((name) => {
          const Panel = PANELS[name];
          return (
            <Tabs.Panel key={name} value={name}>
              <Panel />
            </Tabs.Panel>
          );
        })}
      </Tabs>
    </Page>
  );
}
