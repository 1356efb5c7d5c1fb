import { useEffect } from 'react';

const PRODUCT = 'Bailiwick';

/** The window's title while the component is shown; the most telling words first. */
export function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · ${PRODUCT}` : PRODUCT;
  }, [title]);
}
