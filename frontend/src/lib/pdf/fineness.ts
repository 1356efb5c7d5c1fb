const MOST_PIXELS = 16 * 1024 * 1024;
const MOST_SIDE = 8_192;

/** Width and height in CSS pixels at 100 %. */
export interface Size {
  width: number;
  height: number;
}

/** The finest that a page is drawn at, so that its sheet is none that fills the memory or that no browser makes. */
export function fineness({ width, height }: Size, wanted: number): number {
  const most = Math.min(
    Math.sqrt(MOST_PIXELS / Math.max(1, width * height)),
    MOST_SIDE / Math.max(1, width),
    MOST_SIDE / Math.max(1, height),
  );
  return Math.min(wanted, most);
}
