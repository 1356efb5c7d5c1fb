import { Button, Modal } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { shortened } from '@/components/copyable';
import { Partial } from '@/components/feedback';
import { RelativeTime } from '@/components/time';
import type { Recalled } from '@/lib/api';
import { dateTime } from '@/lib/format';
import { useFocusBack } from '@/lib/focus';
import { audit } from '@/locales';

import { actorWords } from '../words';
import rows from '../rows.module.css';
import { Hint } from '../sheet';
import classes from './recall.module.css';
import { howOften, toWords, waysWords, whatWords } from './words';

const t = audit.recall;

/** What of a run left, in short, and the way to all of it. */
export function ReleasedSummary({ recalled, onOpen }: { recalled: Recalled; onOpen: () => void }) {
  if (!recalled.released.length) return <span className={rows.muted}>{t.nothingReleased}</span>;
  const often = howOften(recalled);
  return (
    <div className={rows.stacked}>
      <div>
        <Button
          size="compact-sm"
          variant="default"
          aria-label={t.releasesOf({ releases: often, run: shortened(recalled.run) })}
          onClick={onOpen}
        >
          {often}
        </Button>
      </div>
      <span className={rows.note} title={waysWords(recalled)}>
        {waysWords(recalled)}
      </span>
    </div>
  );
}

/** What of a run left, to whom and when, over the page. */
export function ReleasedDialog({ recalled, onClose }: { recalled: Recalled; onClose: () => void }) {
  useFocusBack();
  return (
    <Modal opened onClose={onClose} title={t.releasedOf({ run: shortened(recalled.run) })} size="lg">
      <ReleasedList recalled={recalled} />
    </Modal>
  );
}

/** Each release, the last first. */
export function ReleasedList({ recalled }: { recalled: Recalled }) {
  const { run, released, released_more: more } = recalled;
  return (
    <div className={classes.all}>
      {more ? <Partial title={t.notAll}>{t.notAllHint}</Partial> : null}
      <ul className={classes.releases} aria-label={t.releasedOf({ run: shortened(run) })}>
        {released.map(({ at, by, ...way }, place) => (
          // Two releases may be alike in everything; their order does not change.
          <li key={place}>
            <div className={rows.line}>
              <span>
                <strong>{whatWords(way)}</strong> {toWords(way)}
              </span>
              <RelativeTime at={at} />
            </div>
            <div className={rows.line} data-quiet>
              {by === null ? (
                <span>{actorWords(null)}</span>
              ) : (
                <Link to="/audit" search={{ actor: by, project: 'all' }} title={by}>
                  {t.takenBy({ person: actorWords(by) })}
                </Link>
              )}
              <time dateTime={at}>{dateTime(at)}</time>
            </div>
          </li>
        ))}
      </ul>
      <Hint>
        {t.evidence}{' '}
        <Link to="/audit" search={{ run, event: 'runs:content:released', project: 'all' }}>
          {t.evidenceLink}
        </Link>
      </Hint>
    </div>
  );
}
