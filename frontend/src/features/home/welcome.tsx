import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { DropZone } from '@/components/drop-zone';
import { home } from '@/locales';

import classes from './welcome.module.css';

const t = home.welcome;

/** What a person does first. */
export function Welcome({ onFiles }: { onFiles: (files: File[]) => void }) {
  return (
    <section className={classes.welcome} aria-labelledby="welcome">
      <h2 id="welcome" className={classes.title}>
        {t.title}
      </h2>
      <p className={classes.lead}>{t.lead}</p>
      <DropZone title={t.drop} hint={t.dropHint} onFiles={onFiles} />
      <p className={classes.without}>
        <Anchor component={Link} to="/runs/new">
          {t.without}
        </Anchor>
      </p>
      <ol className={classes.steps}>
        {t.steps.map(([word, sentence]) => (
          <li key={word}>
            <strong>{word}</strong>
            <span>{sentence}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
