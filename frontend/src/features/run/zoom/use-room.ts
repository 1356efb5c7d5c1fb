import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState, type PointerEvent, type RefObject } from 'react';

import type { Size } from './scale';

type Area = RefObject<HTMLElement | null>;
interface Point {
  x: number;
  y: number;
}

/** How much room there is inside an element; null until it is laid out. */
export function useRoom(area: Area): Size | null {
  const [room, setRoom] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return undefined;
    const measure = () => {
      // With the border that scroll bars take away left out, or a bar that comes and goes would change the fit for ever.
      const { offsetWidth: width, offsetHeight: height, clientLeft: edge } = element;
      const next = { width: width - 2 * edge - 1, height: height - 2 * edge - 1 };
      setRoom((now) => (now?.width === next.width && now.height === next.height ? now : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [area]);
  return room;
}

/** Keeps a point of the picture where it is on the screen while the scale changes: that of the mouse, else the middle. */
export function useAnchor(area: Area, scale: number): (at?: Point) => void {
  const held = useRef<{ at: Point; part: Point } | null>(null);
  useLayoutEffect(() => {
    const picture = area.current?.firstElementChild?.getBoundingClientRect();
    if (!held.current || !picture || !area.current) return;
    const { at, part } = held.current;
    held.current = null;
    area.current.scrollBy(picture.left + part.x * picture.width - at.x, picture.top + part.y * picture.height - at.y);
  }, [area, scale]);
  return (at) => {
    const box = area.current?.getBoundingClientRect();
    const picture = area.current?.firstElementChild?.getBoundingClientRect();
    if (!box || !picture?.width || !picture.height) return;
    const point = at ?? { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    const part = { x: (point.x - picture.left) / picture.width, y: (point.y - picture.top) / picture.height };
    held.current = { at: point, part };
  };
}

/** Zooms by the wheel: always, or with Ctrl, which a trackpad's pinch says too. */
export function useWheel(area: Area, always: boolean, onTurn: (pixels: number, at: Point) => void): void {
  const turn = useEffectEvent((event: WheelEvent) => {
    if (!always && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    // Lines and pages are told by the count (UI Events, 5.4).
    const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 33);
    onTurn(pixels, { x: event.clientX, y: event.clientY });
  });
  useEffect(() => {
    const element = area.current;
    if (!element) return undefined;
    const listen = (event: WheelEvent) => turn(event);
    // React's own listeners are passive: they could not keep the page from zooming too.
    element.addEventListener('wheel', listen, { passive: false });
    return () => element.removeEventListener('wheel', listen);
  }, [area]);
}

/** Moves what is larger than its room by dragging with a mouse; fingers scroll it anyway. */
export function useDrag(area: Area) {
  const from = useRef<Point | null>(null);
  const [dragging, setDragging] = useState(false);
  const end = () => {
    from.current = null;
    setDragging(false);
  };
  return {
    'data-dragging': dragging || undefined,
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      const { offsetX, offsetY } = event.nativeEvent;
      const onBar =
        event.target === area.current && (offsetX > area.current.clientWidth || offsetY > area.current.clientHeight);
      if (event.pointerType !== 'mouse' || event.button !== 0 || onBar) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      from.current = { x: event.clientX, y: event.clientY };
      setDragging(true);
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (!from.current) return;
      area.current?.scrollBy(from.current.x - event.clientX, from.current.y - event.clientY);
      from.current = { x: event.clientX, y: event.clientY };
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
}
