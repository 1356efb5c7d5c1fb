import { useState, type ReactNode } from 'react';

import type { Size } from './scale';
import { Zoom } from './zoom';
import classes from './zoom.module.css';

// What a drawing takes that states no size of its own (CSS 2.2, 10.3.2).
const UNSTATED: Size = { width: 300, height: 150 };

interface PictureProps {
  source: string;
  alt: string;
  /** Where it is known before the picture is decoded. */
  size: Size | null;
  tools?: ReactNode;
  className?: string | undefined;
  onBroken?: () => void;
}

/** A picture that an `img` shows, zoomed by the wheel too. */
export function Picture({ source, alt, size, tools, className, onBroken }: PictureProps) {
  const [natural, setNatural] = useState(size);
  return (
    <Zoom label={alt} size={natural ?? UNSTATED} wheel tools={tools} className={className}>
      {() => (
        <img
          src={source}
          alt={alt}
          draggable={false}
          className={classes.fill}
          onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) =>
            setNatural(width && height ? { width, height } : UNSTATED)
          }
          onError={onBroken}
        />
      )}
    </Zoom>
  );
}
