import { IconDeviceMobile, IconKey } from '@tabler/icons-react';

import { at, NOW, Seeded, type Specimens } from '@/lib/specimens';

import { Method } from './method';
import { QrCode } from './qr-code';
import { sessionsQuery, tokensQuery } from './queries';
import { Sessions } from './sessions';
import { Tokens } from './tokens';

const list = (results: readonly object[]) => ({
  pages: [{ results, next: null, previous: null }],
  pageParams: [null],
});
const token = {
  id: 't1',
  kind: 'person',
  name: 'Nightly report',
  model_name: '',
  prefix: '-d5h',
  created_at: at(-900_000),
  expires_at: at(900_000),
  revoked_at: null,
  last_used_at: at(-312),
};
const tokens = list([
  token,
  { ...token, id: 't2', kind: 'model', name: 'Assistant', model_name: 'model-9', last_used_at: null },
  { ...token, id: 't3', name: 'Auswertungsprogrammzugriffsberechtigung der Forschungsabteilung', expires_at: at(-60) },
  { ...token, id: 't4', name: '', revoked_at: at(-3_600) },
]);
const session = {
  id: 's1',
  created_at: at(-9_000),
  last_seen_at: at(-2),
  address: '192.0.2.7',
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  current: true,
  ended_at: null,
};
const sessions = list([
  session,
  {
    ...session,
    id: 's2',
    current: false,
    last_seen_at: at(-9_000),
    user_agent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1',
  },
  { ...session, id: 's3', current: false, user_agent: '', address: null },
]);

export const specimens: Specimens = {
  section: 'Account',
  cases: [
    {
      name: 'Ways to prove who one is',
      show: () => (
        <>
          {' '}
          <Method icon={IconDeviceMobile} name="Authenticator app" detail="Six digits from an app." on={false} />
          <Method
            icon={IconDeviceMobile}
            name="Authenticator app"
            added={NOW / 1_000 - 900_000}
            used={NOW / 1_000 - 60}
            on
          />
          <Method icon={IconKey} name="Laptop" added={NOW / 1_000 - 90_000} used={null} />
        </>
      ),
    },
    {
      name: 'QR code',
      show: () => (
        <>
          {' '}
          <div style={{ width: '12rem' }}>
            <QrCode text="otpauth://totp/Bailiwick:amira?secret=JBSWY3DPEHPK3PXP&issuer=Bailiwick" label="QR code" />
          </div>
        </>
      ),
    },
    {
      name: 'Tokens',
      wide: true,
      show: () => (
        <Seeded answers={[[tokensQuery.queryKey, tokens]]}>
          <Tokens />
        </Seeded>
      ),
    },
    {
      name: 'No tokens',
      wide: true,
      show: () => (
        <Seeded answers={[[tokensQuery.queryKey, list([])]]}>
          <Tokens />
        </Seeded>
      ),
    },
    {
      name: 'Browsers',
      wide: true,
      show: () => (
        <Seeded answers={[[sessionsQuery.queryKey, sessions]]}>
          <Sessions />
        </Seeded>
      ),
    },
    {
      name: 'Browsers on their way',
      wide: true,
      show: () => (
        <Seeded answers={[]}>
          <Sessions />
        </Seeded>
      ),
    },
  ],
};
