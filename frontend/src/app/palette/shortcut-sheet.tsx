import { Modal } from '@mantine/core';

import { Keys } from '@/components/keys';
import { commands, type Command } from '@/lib/commands';
import { createStore, useStore } from '@/lib/store';
import { shell } from '@/locales';

import classes from './shortcut-sheet.module.css';

const t = shell.shortcuts;

export const sheetOpen = createStore(false);

/** The keys that do something here and now. */
export function ShortcutSheet() {
  const opened = useStore(sheetOpen);
  const bySection = sections(useStore(commands));
  return (
    <Modal opened={opened} onClose={() => sheetOpen.set(false)} title={t.title} size="lg">
      <div className={classes.sections}>
        {bySection.map(([section, list]) => (
          <section key={section} className={classes.section}>
            <h3 className={classes.heading}>{section}</h3>
            <dl className={classes.list}>
              {list.map(({ id, title, keys = '' }) => (
                <div key={id} className={classes.row}>
                  <dt>{title}</dt>
                  <dd className={classes.keys}>
                    <Keys keys={keys} then={t.then} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}

function sections(all: readonly Command[]): [string, Command[]][] {
  const made = new Map<string, Command[]>();
  for (const command of all) {
    if (command.keys) made.set(command.section, [...(made.get(command.section) ?? []), command]);
  }
  return [...made];
}
