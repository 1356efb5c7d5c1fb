import type { ReactNode } from 'react';

import type { Size } from './scale';
import { Zoom } from './zoom';
import classes from './zoom.module.css';

interface DrawingProps {
  /** Where the platform serves the document. */
  address: string;
  title: string;
  size: Size;
  tools?: ReactNode;
  className?: string | undefined;
}

/**
 * A drawing in its sandboxed frame, without scripts and without our origin: what grows is the frame, from outside, and
 * the browser draws its content anew.
 */
export function Drawing({ address, title, size, tools, className }: DrawingProps) {
  return (
    <Zoom label={title} size={size} wheel tools={tools} className={className}>
      {(scale) => (
        <iframe
          sandbox=""
          src={address}
          title={title}
          referrerPolicy="no-referrer"
          tabIndex={-1}
          className={classes.frame}
          style={{ width: size.width, height: size.height, transform: `scale(${scale})` }}
        />
      )}
    </Zoom>
  );
}
