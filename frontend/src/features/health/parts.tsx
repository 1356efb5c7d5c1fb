import { Section } from '@/components/page';
import { StateBadge } from '@/components/state-badge';
import { Elapsed } from '@/components/time';
import type { Part } from '@/lib/api';
import { duration } from '@/lib/format';
import { health } from '@/locales';

import { detailsOf } from './details';
import classes from './health.module.css';
import { looks, nameOf } from './looks';

const t = health.parts;

/** Every part with its state and for how long, how quickly it answered, and what runs there. */
export function Parts({ parts }: { parts: readonly Part[] }) {
  return (
    <Section title={t.title} lead={t.lead}>
      <table className={classes.table} aria-label={t.title}>
        <thead>
          <tr>
            <th scope="col">{t.part}</th>
            <th scope="col">{t.state}</th>
            <th scope="col" className={classes.figure}>
              {t.since}
            </th>
            <th scope="col" className={classes.figure}>
              {t.latency}
            </th>
            <th scope="col">{t.version}</th>
            <th scope="col">{t.detail}</th>
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <PartRow key={part.name} part={part} />
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function PartRow({ part }: { part: Part }) {
  const [word, sentence] = t.states[part.state];
  return (
    <tr>
      <th scope="row">{nameOf(part.name)}</th>
      <td data-label={t.state}>
        <StateBadge look={looks[part.state]} word={word} sentence={sentence} size="sm" />
      </td>
      <td data-label={t.since} className={classes.figure}>
        <Elapsed from={part.since} />
      </td>
      <td data-label={t.latency} className={classes.figure}>
        {duration(part.latency_ms / 1000)}
      </td>
      <td data-label={t.version} className={classes.version}>
        {part.version || t.noVersion}
      </td>
      <td data-label={t.detail} className={classes.detail}>
        {detailsOf(part)}
      </td>
    </tr>
  );
}
