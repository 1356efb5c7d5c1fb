import { ProblemError, type Problem, type Reason } from '@/lib/api';
import type { Me } from '@/lib/session';

/** The gallery's present; whoever takes pictures sets the browser's clock to it. */
export const NOW = Date.parse('2026-03-02T10:30:00Z');

export function at(seconds: number): string {
  return new Date(NOW + seconds * 1_000).toISOString();
}

export const me: Me = {
  id: '11111111-1111-4111-8111-111111111111',
  username: 'amira',
  display_name: 'Amira Haddad',
  platform_admin: true,
  projects: [
    { id: 'p1', name: 'Penguins of the Palmer Archipelago', roles: ['analyst'] },
    { id: 'p2', name: 'Readmissions', roles: ['analyst', 'reviewer'] },
  ],
  session: { idle_expires_at: at(1_800), absolute_expires_at: at(30_000) },
  mfa: { totp: true, passkeys: 1 },
};

export const reasons: Reason[] = [
  {
    code: 'package_not_allowed',
    message: 'packages: evil is not on the allowlist of project "demo"',
    remedy: 'Use a package that is on the list, or ask a policy admin for an exception.',
  },
  {
    code: 'limit_above_ceiling',
    message: 'limits: memory_bytes is 64 GB and the ceiling is 8 GB',
    remedy: 'Ask for 8 GB or less.',
  },
];

export function problem(status: number, code: string, detail: string, more: Partial<Problem> = {}): ProblemError {
  const titles: Record<number, string> = {
    401: 'Unauthorized',
    403: 'Forbidden',
    404: 'Not Found',
    409: 'Conflict',
    429: 'Too Many Requests',
    500: 'Internal Server Error',
    503: 'Service Unavailable',
  };
  return new ProblemError(
    {
      type: `urn:bailiwick:problem:${code}`,
      title: titles[status] ?? 'Problem',
      status,
      detail,
      code,
      request_id: '6a7f3f0c2b9d4a51',
      ...more,
    },
    status === 429 ? 42 : null,
  );
}

const ANSWERS: Record<string, [number, object]> = {
  '/_allauth/browser/v1/config': [
    200,
    {
      status: 200,
      data: {
        account: { login_methods: ['username'] },
        socialaccount: { providers: [{ id: 'oidc', name: 'your organisation', flows: [] }] },
        mfa: { supported_types: ['totp', 'webauthn'], passkey_login_enabled: true },
      },
    },
  ],
  '/_allauth/browser/v1/auth/session': [
    401,
    { status: 401, data: { flows: [{ id: 'login' }] }, meta: { is_authenticated: false } },
  ],
};

/** There is no platform behind the gallery: these are all the answers that its components get. */
export function answerAlone(): void {
  window.fetch = (input) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input, window.location.origin);
    const answer = ANSWERS[pathname];
    // What nobody answers stays on its way, and looks the same in every picture.
    if (!answer) return new Promise<never>(() => undefined);
    const [status, body] = answer;
    return Promise.resolve(Response.json(body, { status }));
  };
}
