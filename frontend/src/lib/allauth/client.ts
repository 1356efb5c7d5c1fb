import { changeHeaders, problemOf, unreachable } from '@/lib/api';
import { reportAnswer, reportSilence } from '@/lib/connection';

const BASE = '/_allauth/browser/v1';

/** A step that is open: `login`, `mfa_authenticate`, `reauthenticate`, `mfa_reauthenticate`, … */
export interface Flow {
  id: string;
  is_pending?: boolean;
  /** Of `mfa_authenticate` and `mfa_reauthenticate`: `totp`, `recovery_codes`, `webauthn`. */
  types?: string[];
}

export interface FieldError {
  code: string;
  message: string;
  /** The field that it is about; absent when it is about all. */
  param?: string;
}

/** What the sign-in doors answer: the envelope of django-allauth's headless API, browser client. */
export interface Answer<D = unknown> {
  status: number;
  data: D | undefined;
  meta: Record<string, unknown>;
  errors: FieldError[];
  flows: Flow[];
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

// Answers in the envelope that are no problem: done, faulty fields, a step is missing, absent, out of turn.
const EXPECTED = new Set([200, 400, 401, 404, 409, 410]);

/** Ask a sign-in door. Throws ProblemError when nothing answers, and for every refusal outside of the envelope. */
export async function allauth<D>(method: Method, path: string, body?: object): Promise<Answer<D>> {
  const response = await send(method, path, body);
  const parsed: unknown = await response.json().catch(() => null);
  if (!EXPECTED.has(response.status) || !isEnvelope(parsed)) throw problemOf(parsed, response);
  const data = parsed.data as (D & { flows?: Flow[] }) | undefined;
  return {
    status: response.status,
    data,
    meta: parsed.meta ?? {},
    errors: parsed.errors ?? [],
    flows: data?.flows ?? [],
  };
}

async function send(method: Method, path: string, body?: object): Promise<Response> {
  try {
    const response = await fetch(`${BASE}/${path}`, {
      method,
      credentials: 'same-origin',
      headers: {
        Accept: 'application/json',
        ...(method === 'GET' ? {} : changeHeaders()),
        ...(body ? { 'Content-Type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    reportAnswer(response.status);
    return response;
  } catch {
    reportSilence();
    throw unreachable();
  }
}

interface Envelope {
  status: number;
  data?: unknown;
  meta?: Record<string, unknown>;
  errors?: FieldError[];
}

function isEnvelope(body: unknown): body is Envelope {
  return typeof body === 'object' && body !== null && 'status' in body && !('code' in body);
}

/** The address of the door that leads to an identity provider: a form is sent there, not a request. */
export const PROVIDER_REDIRECT = `${BASE}/auth/provider/redirect`;
