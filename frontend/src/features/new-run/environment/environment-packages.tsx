import { Checkbox, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Copyable } from '@/components/copyable';
import { ErrorState, Loading } from '@/components/feedback';
import { newRun } from '@/locales';

import { environmentQuery } from '../queries';
import classes from './environment.module.css';

const t = newRun.environment;

/** What an environment has, found by name. */
export function EnvironmentPackages({ name }: { name: string }) {
  const { data, error, refetch } = useQuery(environmentQuery(name));
  const [words, setWords] = useState('');
  const [system, setSystem] = useState(false);
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Loading name={t.show({ name })} rows={8} height={34} />;
  const wanted = words.toLowerCase().trim();
  const found = data.sbom
    .filter(({ kind, package: title }) => (system || kind === 'wheel') && title.toLowerCase().includes(wanted))
    .sort((a, b) => a.package.localeCompare(b.package));
  return (
    <>
      <div className={classes.tools}>
        <TextInput
          data-autofocus
          className={classes.search}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          placeholder={t.search}
          aria-label={t.search}
          leftSection={<IconSearch size={15} aria-hidden />}
        />
        <Checkbox label={t.system} checked={system} onChange={(event) => setSystem(event.currentTarget.checked)} />
      </div>
      <p className={classes.facts} role="status">
        {t.packages({ n: found.length })}
        <span aria-hidden>·</span>
        <Copyable text={data.digest} name={t.digest} />
      </p>
      {/* Scrolls, so the keyboard has to get there. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={classes.packages} role="region" aria-label={t.show({ name })} tabIndex={0}>
        {found.length ? null : <p className={classes.nothing}>{t.nothing({ query: words })}</p>}
        <ul>
          {found.map(({ package: title, version, kind }) => (
            <li key={`${kind}-${title}`}>
              <span className={classes.package}>{title}</span>
              {kind === 'deb' ? <span className={classes.kind}>{t.system_kind}</span> : null}
              <span className={classes.version}>{version}</span>
            </li>
          ))}
        </ul>
      </div>
    </>
  );
}
