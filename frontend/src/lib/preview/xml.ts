import { Parser } from 'saxen';

interface Handlers {
  /** An element begins; its name has no namespace prefix. Returning `stop` ends the parsing. */
  open?: (name: string, attributes: Record<string, string>) => void;
  text?: (text: string) => void;
  close?: (name: string) => 'stop' | undefined;
}

/** Walk through XML that may end in mid-element. Entities beyond those of XML itself are left as they are. */
export function walk(xml: string, { open, text, close }: Handlers): void {
  const parser = new Parser();
  parser.on('openTag', (name, attributes) => {
    open?.(local(name), attributes());
  });
  parser.on('text', (value, decode) => text?.(decode(value)));
  parser.on('cdata', (value) => text?.(value));
  parser.on('closeTag', (name) => {
    if (close?.(local(name)) === 'stop') parser.stop();
  });
  // What is cut is not well-formed at its end; what came before was told.
  parser.on('error', () => undefined);
  parser.parse(xml);
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
