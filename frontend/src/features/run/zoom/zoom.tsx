import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconZoomIn, IconZoomOut } from '@tabler/icons-react';
import { clsx } from 'clsx';
import { useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

import { run } from '@/locales';

import { fitting, keyed, LEAST, MOST, stepped, wheeled, type Scale, type Size } from './scale';
import { useAnchor, useDrag, useRoom, useWheel } from './use-room';
import classes from './zoom.module.css';

const t = run.zoom;
const PRESETS: readonly Scale[] = [null, 1, 2];

interface ZoomProps {
  label: string;
  /** At 100 %, in CSS pixels. */
  size: Size;
  /** What is read from top to bottom fits by its width. */
  fit?: 'both' | 'width';
  /** The wheel alone zooms; otherwise it scrolls, and zooms with Ctrl. */
  wheel?: boolean;
  /** What else the bar holds. */
  tools?: ReactNode;
  className?: string | undefined;
  /** The picture, at a scale: it fills the room that it is given. */
  children: (scale: number) => ReactNode;
}

/** A picture of any kind that is zoomed by buttons, keys and wheel, and moved by dragging, scrolling and arrow keys. */
export function Zoom({ label, size, fit = 'both', wheel = false, tools, className, children }: ZoomProps) {
  const [chosen, setChosen] = useState<Scale>(null);
  const area = useRef<HTMLDivElement>(null);
  const room = useRoom(area);
  const fitted = room ? fitting(size, room, fit) : 1;
  const scale = chosen ?? fitted;
  const hold = useAnchor(area, scale);
  const change = (next: Scale) => {
    hold();
    setChosen(next);
  };
  useWheel(area, wheel, (pixels, at) => {
    hold(at);
    // From what was chosen last, not from what is shown: a wheel turns several times between two paints.
    setChosen((now) => wheeled(now ?? fitted, pixels));
  });
  const drag = useDrag(area);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return;
    const asked = keyed(event.key, scale);
    if (asked === undefined) return;
    event.preventDefault();
    change(asked);
  };
  return (
    // The keys are a shorter way to the buttons.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={clsx(classes.root, className)} onKeyDown={onKeyDown}>
      <Bar scale={scale} chosen={chosen} onChange={change}>
        {tools}
      </Bar>
      <div
        ref={area}
        className={classes.area}
        role="region"
        aria-label={label}
        // It scrolls, so the keyboard must reach it.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        data-autofocus
        {...drag}
      >
        {room ? (
          <div className={classes.picture} style={{ width: size.width * scale, height: size.height * scale }}>
            {children(scale)}
          </div>
        ) : null}
      </div>
    </div>
  );
}

interface BarProps {
  scale: number;
  chosen: Scale;
  onChange: (scale: Scale) => void;
  children?: ReactNode;
}

function Bar({ scale, chosen, onChange, children }: BarProps) {
  return (
    <div className={classes.bar} role="toolbar" aria-label={t.tools}>
      {children}
      <div className={classes.steps}>
        <Tooltip label={t.smaller}>
          <ActionIcon
            variant="default"
            aria-label={t.smaller}
            disabled={scale <= LEAST}
            onClick={() => onChange(stepped(scale, -1))}
          >
            <IconZoomOut size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <span className={classes.scale} role="status">
          {t.scale({ percent: Math.round(scale * 100) })}
        </span>
        <Tooltip label={t.larger}>
          <ActionIcon
            variant="default"
            aria-label={t.larger}
            disabled={scale >= MOST}
            onClick={() => onChange(stepped(scale, 1))}
          >
            <IconZoomIn size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
      <Button.Group>
        {PRESETS.map((preset) => (
          <Button
            key={preset ?? 0}
            size="compact-sm"
            variant="default"
            className={classes.preset}
            aria-pressed={chosen === preset}
            onClick={() => onChange(preset)}
          >
            {preset === null ? t.fit : t.scale({ percent: preset * 100 })}
          </Button>
        ))}
      </Button.Group>
    </div>
  );
}
