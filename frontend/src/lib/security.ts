/**
 * The nonce that the control plane wrote into this page for its style elements.
 * Empty under the development server, which sends no content security policy.
 */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
}

/** Text that can make no element, attribute or entity: all that a style sheet in a style element ever needs. */
export function holdsNoMarkup(text: string): boolean {
  return !/[<&]/.test(text);
}

/** Whether an address is one of our own built scripts, such as a worker's. */
export function isOwnScript(address: string): boolean {
  try {
    const { origin, pathname } = new URL(address, window.location.origin);
    return origin === window.location.origin && /^\/assets\/[\w.-]+\.js$/.test(pathname);
  } catch {
    return false;
  }
}

interface Rules {
  createHTML: (text: string) => string;
  createScriptURL: (address: string) => string;
}

/**
 * Mantine sets its style elements' content through innerHTML, and workers begin with an address. The default policy
 * lets just these pass and refuses everything else that could be markup or script; where the browser knows no Trusted
 * Types the content security policy stands alone.
 */
export function installTrustedTypes(): void {
  const { trustedTypes } = window as { trustedTypes?: { createPolicy: (name: string, rules: Rules) => unknown } };
  trustedTypes?.createPolicy('default', {
    createHTML: (text) => {
      if (holdsNoMarkup(text)) return text;
      throw new TypeError('Markup from a string is refused.');
    },
    createScriptURL: (address) => {
      if (isOwnScript(address)) return address;
      throw new TypeError('A script that is not of this build is refused.');
    },
  });
}
