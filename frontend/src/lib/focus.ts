import { useEffect, useState } from 'react';

/** For a dialog that is there only while it is open: what had the focus gets it back, unless another dialog took over. */
export function useFocusBack(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      setTimeout(() => {
        if (opener instanceof HTMLElement && !document.querySelector('[role="dialog"]')) opener.focus();
      });
    },
    [opener],
  );
}
