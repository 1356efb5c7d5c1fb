/** Options and credentials as they travel: every buffer in base64url (WebAuthn level 3, "JSON serialization"). */
interface Descriptor {
  id: string;
  type: 'public-key';
  transports?: AuthenticatorTransport[];
}
export interface RequestOptions {
  publicKey: Omit<PublicKeyCredentialRequestOptions, 'challenge' | 'allowCredentials'> & {
    challenge: string;
    allowCredentials?: Descriptor[];
  };
}
export interface CreationOptions {
  publicKey: Omit<PublicKeyCredentialCreationOptions, 'challenge' | 'user' | 'excludeCredentials'> & {
    challenge: string;
    user: { id: string; name: string; displayName: string };
    excludeCredentials?: Descriptor[];
  };
}

/** Why passkeys cannot be used here; null when they can. A passkey belongs to a host name, met over a secure channel. */
export function passkeyObstacle(): 'unsupported' | 'insecure' | 'address' | null {
  if (!window.isSecureContext) return 'insecure';
  if (!('PublicKeyCredential' in window)) return 'unsupported';
  return /^[\d.]+$|^\[/.test(window.location.hostname) ? 'address' : null;
}

/** Have the browser prove possession of a passkey. Throws when the person or the browser declines. */
export async function usePasskey({ publicKey }: RequestOptions): Promise<object> {
  const credential = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: decode(publicKey.challenge),
      allowCredentials: descriptors(publicKey.allowCredentials),
    },
  });
  return serialized(credential as PublicKeyCredential);
}

/** Have the browser make a passkey. Throws when the person or the browser declines. */
export async function makePasskey({ publicKey }: CreationOptions): Promise<object> {
  const credential = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: decode(publicKey.challenge),
      user: { ...publicKey.user, id: decode(publicKey.user.id) },
      excludeCredentials: descriptors(publicKey.excludeCredentials),
    },
  });
  return serialized(credential as PublicKeyCredential);
}

/** Whether the error means that the person closed the browser's dialog or let it time out. */
export function isDeclined(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError');
}

function serialized(credential: PublicKeyCredential): object {
  const response: object =
    credential.response instanceof AuthenticatorAttestationResponse
      ? {
          attestationObject: encode(credential.response.attestationObject),
          transports: credential.response.getTransports(),
        }
      : assertion(credential.response as AuthenticatorAssertionResponse);
  return {
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: encode(credential.response.clientDataJSON), ...response },
  };
}

function assertion({ authenticatorData, signature, userHandle }: AuthenticatorAssertionResponse): object {
  return {
    authenticatorData: encode(authenticatorData),
    signature: encode(signature),
    ...(userHandle ? { userHandle: encode(userHandle) } : {}),
  };
}

function descriptors(given: Descriptor[] = []): PublicKeyCredentialDescriptor[] {
  return given.map((one) => ({ ...one, id: decode(one.id) }));
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function encode(buffer: ArrayBuffer): string {
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('');
  return btoa(plain).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}
