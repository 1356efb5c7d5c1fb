import { Modal, VisuallyHidden } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';

import { Keys } from '@/components/keys';
import { commands, type Command } from '@/lib/commands';
import { createStore, useStore } from '@/lib/store';
import { shell } from '@/locales';

import classes from './palette.module.css';
import { search } from './search';

const t = shell.palette;

export const paletteOpen = createStore(false);

/** Everything that can be done here and now, found by typing. */
export function Palette() {
  const opened = useStore(paletteOpen);
  const close = () => paletteOpen.set(false);
  return (
    <Modal
      opened={opened}
      onClose={close}
      withCloseButton={false}
      centered={false}
      padding={0}
      size="36rem"
      yOffset="12vh"
      // What is typed right after the key that opens it is meant for it: it is there, and focused, before the next key.
      transitionProps={{ duration: 0 }}
      title={<VisuallyHidden>{t.title}</VisuallyHidden>}
      classNames={{ content: classes.dialog ?? '', header: classes.header ?? '' }}
    >
      <Search onDone={close} />
    </Modal>
  );
}

function Search({ onDone }: { onDone: () => void }) {
  const all = useStore(commands).filter((one) => !one.sheetOnly && one.id !== 'palette');
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const list = useId();
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  const found = search(all, query);
  const chosen = found[Math.min(at, found.length - 1)];
  const perform = (command: Command | undefined) => {
    if (!command) return;
    onDone();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      event.preventDefault();
      const next = (Math.min(at, found.length - 1) + step + found.length) % found.length;
      setAt(next);
      document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      perform(chosen);
    }
  };
  return (
    <>
      <div className={classes.field}>
        <IconSearch size={18} aria-hidden />
        <input
          ref={field}
          data-autofocus
          className={classes.input}
          role="combobox"
          aria-expanded
          aria-controls={list}
          aria-activedescendant={chosen ? `${list}-${found.indexOf(chosen)}` : undefined}
          aria-label={t.placeholder}
          placeholder={t.placeholder}
          value={query}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <VisuallyHidden role="status">{t.results({ n: found.length })}</VisuallyHidden>
      <div id={list} role="listbox" aria-label={t.title} className={classes.list}>
        {found.map((command, index) => (
          <Choice
            key={command.id}
            id={`${list}-${index}`}
            command={command}
            // Sorted by how well they are found, commands of one section no longer stand together.
            withSection={!query && command.section !== found[index - 1]?.section}
            active={command === chosen}
            onPoint={() => setAt(index)}
            onPick={() => perform(command)}
          />
        ))}
        {found.length ? null : <p className={classes.nothing}>{t.nothing({ query })}</p>}
      </div>
      <footer className={classes.foot} aria-hidden>
        <Keys keys="arrowup" />
        <Keys keys="arrowdown" /> {t.hint}
        <Keys keys="enter" /> {t.hintRun}
        <Keys keys="escape" /> {t.hintClose}
      </footer>
    </>
  );
}

interface ChoiceProps {
  id: string;
  command: Command;
  withSection: boolean;
  active: boolean;
  onPoint: () => void;
  onPick: () => void;
}

function Choice({ id, command, withSection, active, onPoint, onPick }: ChoiceProps) {
  const { title, section, icon: Icon, keys } = command;
  return (
    <>
      {withSection ? (
        <div className={classes.section} role="presentation">
          {section}
        </div>
      ) : null}
      {/* Focus stays in the field; its key handler chooses and performs. */}
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events */}
      <div
        id={id}
        role="option"
        aria-selected={active}
        tabIndex={-1}
        className={classes.choice}
        onMouseMove={onPoint}
        onClick={onPick}
      >
        <span className={classes.sign}>{Icon ? <Icon size={17} stroke={1.75} aria-hidden /> : null}</span>
        <span className={classes.title}>{title}</span>
        {keys ? <Keys keys={keys} /> : null}
      </div>
    </>
  );
}
