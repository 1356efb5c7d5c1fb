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

interface TrustedTypes {
  createPolicy: (name: string, rules: { createHTML: (text: string) => string }) => unknown;
}

/**
 * Mantine sets its style elements' content through innerHTML. The default policy lets such text pass and refuses
 * everything that could be markup, script or a script's address; where the browser knows no Trusted Types the
 * content security policy stands alone.
 */
export function installTrustedTypes(): void {
  const factory = (window as { trustedTypes?: TrustedTypes }).trustedTypes;
  factory?.createPolicy('default', {
    createHTML: (text) => {
      if (holdsNoMarkup(text)) return text;
      throw new TypeError('Markup from a string is refused.');
    },
  });
}
