/** What nbformat 4 calls an output, as far as the platform sends it. */
export type Output = StreamOutput | RichOutput | ErrorOutput;

export interface StreamOutput {
  output_type: 'stream';
  name: string;
  text: string;
}

export interface RichOutput {
  output_type: 'display_data' | 'execute_result';
  data: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

export interface ErrorOutput {
  output_type: 'error';
  ename: string;
  evalue: string;
  traceback: string[];
}

/** An output of the shape that its kind has, or null: what is not understood is not shown. */
export function outputOf(value: unknown): Output | null {
  if (!isRecord(value)) return null;
  switch (value.output_type) {
    case 'stream':
      return { output_type: 'stream', name: text(value.name), text: text(value.text) };
    case 'display_data':
    case 'execute_result':
      return {
        output_type: value.output_type,
        data: isRecord(value.data) ? value.data : {},
        metadata: isRecord(value.metadata) ? value.metadata : {},
      };
    case 'error':
      return {
        output_type: 'error',
        ename: text(value.ename),
        evalue: text(value.evalue),
        traceback: Array.isArray(value.traceback) ? value.traceback.map(text) : [],
      };
    default:
      return null;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** nbformat allows text as a list of its lines. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.map(text).join('') : '';
}
