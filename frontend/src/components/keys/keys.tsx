import { shownKeys } from '@/lib/commands';

import classes from './keys.module.css';

/** Keys as they are printed on the keyboard; `then` stands between those of a sequence. */
export function Keys({ keys, then }: { keys: string; then?: string }) {
  return (
    <span className={classes.keys}>
      {shownKeys(keys).map((chord, at) => (
        <span key={at} className={classes.chord}>
          {at > 0 && then ? <span className={classes.then}>{then}</span> : null}
          {chord.map((key) => (
            <kbd key={key} className={classes.key}>
              {key}
            </kbd>
          ))}
        </span>
      ))}
    </span>
  );
}
