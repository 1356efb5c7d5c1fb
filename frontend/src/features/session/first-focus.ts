import { useEffect, useRef, type RefObject } from 'react';

/** Puts focus on the element when its form appears: the one thing to do there is to fill it in. */
export function useFirstFocus<E extends HTMLElement>(): RefObject<E | null> {
  const element = useRef<E>(null);
  useEffect(() => element.current?.focus(), []);
  return element;
}
