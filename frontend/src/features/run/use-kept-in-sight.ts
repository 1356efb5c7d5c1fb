import { useEffect, type RefObject } from 'react';

const SLACK_PX = 4;

/**
 * Keeps the editor in sight while what is above it grows, for who writes in it and has it in sight: who has scrolled
 * away, or looks at something else, is left where they are.
 */
export function useKeptInSight(cells: RefObject<HTMLElement | null>, shown: boolean): void {
  useEffect(() => {
    const around = cells.current;
    if (!around) return undefined;
    let held = false;
    let height = 0;
    const composer = () => around.querySelector('[data-composer]');
    const look = () => {
      const editor = composer();
      held = editor?.contains(document.activeElement) === true && isInSight(editor);
      height = around.offsetHeight;
    };
    // A scroll is told a frame later: by then more may have come, and that it is out of sight was nobody's wish.
    const scrolled = () => {
      if (around.offsetHeight === height) look();
    };
    const grown = new ResizeObserver(() => {
      if (held) composer()?.scrollIntoView({ block: 'nearest' });
      look();
    });
    grown.observe(around);
    window.addEventListener('scroll', scrolled, { passive: true });
    document.addEventListener('focusin', look);
    return () => {
      grown.disconnect();
      window.removeEventListener('scroll', scrolled);
      document.removeEventListener('focusin', look);
    };
  }, [cells, shown]);
}

/** Down to its end, where one writes on. */
function isInSight(element: Element): boolean {
  const { bottom } = element.getBoundingClientRect();
  return bottom > 0 && bottom <= window.innerHeight + SLACK_PX;
}
