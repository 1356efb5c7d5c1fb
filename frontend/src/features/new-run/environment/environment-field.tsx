import { Button, Modal, Radio } from '@mantine/core';
import { IconPackages, IconServerOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Empty, Loading } from '@/components/feedback';
import { Refusal } from '@/components/refusal';
import { Tag } from '@/components/state-badge';
import { newRun } from '@/locales';

import type { Change } from '../draft';
import { environmentsQuery } from '../queries';
import classes from './environment.module.css';
import { EnvironmentPackages } from './environment-packages';

const t = newRun.environment;

/** The image that the run's sandbox has, with a way to look into it. */
export function EnvironmentField({ value, change }: { value: string; change: (change: Change) => void }) {
  const { data, error, refetch } = useQuery(environmentsQuery);
  const [shown, setShown] = useState<string | null>(null);
  if (error && !data) return <Refusal error={error} onRetry={() => void refetch()} live={false} />;
  if (!data) return <Loading name={t.label} rows={1} height={64} />;
  if (!data.length) {
    return (
      <Empty icon={IconServerOff} size="part" title={t.none}>
        {t.noneHint}
      </Empty>
    );
  }
  return (
    <Radio.Group
      value={value}
      onChange={(environment) => change((draft) => ({ ...draft, environment }))}
      aria-label={t.label}
      id="new-run-environment"
    >
      <div className={classes.list}>
        {data.map(({ name, python_version, platform, languages }) => (
          <div key={name} className={classes.choice} data-chosen={name === value || undefined}>
            <Radio
              value={name}
              label={<span className={classes.name}>{name}</span>}
              description={`${t.python({ version: python_version })} · ${platform}`}
              className={classes.radio}
            />
            <span className={classes.languages}>
              {languages.map((language) => (
                <Tag key={language}>{language}</Tag>
              ))}
            </span>
            <Button
              variant="subtle"
              size="compact-sm"
              leftSection={<IconPackages size={15} aria-hidden />}
              onClick={() => setShown(name)}
            >
              {t.show({ name })}
            </Button>
          </div>
        ))}
      </div>
      <Modal opened={shown !== null} onClose={() => setShown(null)} title={t.show({ name: shown ?? '' })} size="lg">
        {shown === null ? null : <EnvironmentPackages name={shown} />}
      </Modal>
    </Radio.Group>
  );
}
