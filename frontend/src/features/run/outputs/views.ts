import { text, type RichOutput } from '../live/outputs';
import type { Size } from '../zoom/scale';
import { tableOfHtml } from '../table/html';
import type { TableData } from '../table/model';
import { sizeOfSvg } from './svg';
import { DATA_RESOURCE, TABLE, tableOfPlatform, tableOfResource } from '../table/resource';

/** One way to show a rich output. */
export type View =
  | { kind: 'table'; table: TableData }
  | { kind: 'figure'; mediaType: string; base64: string; alt: string }
  /** A document of its own, for the sandboxed frame. A drawing says how large it is, in pixels. */
  | { kind: 'document'; mediaType: string; source: string; size: Size | null }
  | { kind: 'json'; value: unknown }
  | { kind: 'text'; text: string };

export const PIXELS = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'] as const;
const DOCUMENTS = ['image/svg+xml', 'text/html'] as const;
const TABULAR = new Set([TABLE, DATA_RESOURCE]);
// What a display prints for programs that show text alone: `<IPython.core.display.HTML object>`.
const PLACEHOLDER = /^<[\w.]+ object>$/;
const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;

/** Every way in which an output can be shown, the most telling first; never none. */
export function viewsOf({ data }: RichOutput): View[] {
  const plain = text(data['text/plain']);
  const views: View[] = [];
  const table = tableOf(data);
  if (table) views.push({ kind: 'table', table });
  for (const mediaType of PIXELS) {
    const base64 = text(data[mediaType]);
    if (base64 && BASE64.test(base64)) views.push({ kind: 'figure', mediaType, base64, alt: altOf(plain) });
  }
  for (const mediaType of DOCUMENTS) {
    const source = text(data[mediaType]);
    // The table that pandas writes says no more than the table itself.
    const plainTable = table !== null && mediaType === 'text/html' && tableOfHtml(source) !== null;
    if (source && !plainTable) {
      views.push({
        kind: 'document',
        mediaType,
        source,
        size: mediaType === 'image/svg+xml' ? sizeOfSvg(source) : null,
      });
    }
  }
  for (const [mediaType, value] of Object.entries(data)) {
    if (mediaType === 'application/json' || (mediaType.endsWith('+json') && !TABULAR.has(mediaType))) {
      views.push({ kind: 'json', value: parsed(value) });
    }
  }
  for (const mediaType of ['text/markdown', 'text/latex']) {
    if (text(data[mediaType])) views.push({ kind: 'text', text: text(data[mediaType]) });
  }
  const says = plain && !table && !PLACEHOLDER.test(plain);
  if (says || views.length === 0) views.push({ kind: 'text', text: plain || Object.keys(data).join(', ') });
  return views;
}

function tableOf(data: Record<string, unknown>): TableData | null {
  return (
    tableOfPlatform(parsed(data[TABLE])) ??
    tableOfResource(parsed(data[DATA_RESOURCE])) ??
    tableOfHtml(text(data['text/html']))
  );
}

/** JSON comes as a value, or as its text. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** `<Figure size 640x480 with 1 Axes>` is how matplotlib calls a figure. */
function altOf(plain: string): string {
  return plain.replace(/^<|>$/g, '').slice(0, 200);
}
