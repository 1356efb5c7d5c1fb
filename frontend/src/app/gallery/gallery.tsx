import { Anchor } from '@mantine/core';
import { createElement } from 'react';

import classes from '@/lib/specimens/specimens.module.css';

import { pages, sections, type Section } from './specimens';

/**
 * Every component in every state. `only` names one section and shows it by itself, as a screenshot wants it;
 * what covers the page (dialogs, the sign-in page) is shown in no other way.
 */
export function Gallery({ only }: { only: string | null }) {
  const page = pages[only ?? ''];
  if (page) return createElement(page);
  const one = sections.find(({ id }) => id === only);
  if (one) {
    return (
      <div className={classes.page}>
        <Cases section={one} />
      </div>
    );
  }
  return (
    <div className={classes.page}>
      <h1>Gallery</h1>
      <nav className={classes.index}>
        {[...sections.map(({ id }) => id), ...Object.keys(pages)].map((id) => (
          <Anchor key={id} href={`?only=${id}`}>
            {id}
          </Anchor>
        ))}
      </nav>
      {sections.map((section) => (
        <section key={section.id}>
          <h2>{section.title}</h2>
          <Cases section={section} />
        </section>
      ))}
    </div>
  );
}

function Cases({ section }: { section: Section }) {
  return (
    <div className={classes.grid}>
      {section.cases.map(({ name, show, wide = false }) => (
        <div key={name} className={classes.card} data-wide={wide || undefined}>
          <p className={classes.caption}>{name}</p>
          {createElement(show)}
        </div>
      ))}
    </div>
  );
}
