import { run } from '@/locales';

import type { Blocks } from '../live/blocks';
import { TextView } from '../text/text-view';
import { TracebackView, type Locate } from '../traceback/traceback-view';
import classes from './outputs.module.css';
import { Rich } from './rich';

interface OutputsProps {
  blocks: Blocks;
  version: number;
  runId: string;
  number: number;
  live: boolean;
  locate: Locate;
  onJump: (number: number, line: number) => void;
  /** Somebody stopped the cell. */
  stopped: boolean;
}

/** Everything that came of a cell, in order. */
export function Outputs({ blocks, version, runId, number, live, locate, onJump, stopped }: OutputsProps) {
  if (!blocks.list.length) return null;
  return (
    <div className={classes.list}>
      {blocks.list.map((block, at) => (
        <div key={at} className={classes.output}>
          {block.kind === 'text' ? (
            <div className={classes.text}>
              <TextView
                buffer={block.buffer}
                version={version}
                label={run.outputs.printed({ number })}
                live={live && at === blocks.list.length - 1}
              />
            </div>
          ) : block.kind === 'error' ? (
            <TracebackView output={block.output} locate={locate} onJump={onJump} stopped={stopped} />
          ) : (
            <Rich output={block.output} runId={runId} number={number} index={block.index} live={live} />
          )}
        </div>
      ))}
    </div>
  );
}
