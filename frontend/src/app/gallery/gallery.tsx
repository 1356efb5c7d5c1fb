import { Anchor } from '@mantine/core';

import classes from './gallery.module.css';
import { sections } from './sections';

/**
 * Every component in every state. `only` names one section and shows it by itself, as a screenshot wants it;
 * what covers the page (dialogs, the sign-in page) is shown in no other way.
 */
export function Gallery({ only }: { only: string | null }) {
  const one = sections.find(({ id }) => id === only);
  if (one) return <div className={one.whole ? undefined : classes.page}>{one.show()}</div>;
  return (
    <div className={classes.page}>
      <h1>Gallery</h1>
      <nav className={classes.index}>
        {sections.map(({ id, title }) => (
          <Anchor key={id} href={`?only=${id}`}>
            {title}
          </Anchor>
        ))}
      </nav>
      {sections
        .filter(({ whole }) => !whole)
        .map(({ id, title, show }) => (
          <section key={id}>
            <h2>{title}</h2>
            {show()}
          </section>
        ))}
    </div>
  );
}
