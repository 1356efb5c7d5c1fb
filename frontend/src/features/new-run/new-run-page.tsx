import { Button } from '@mantine/core';
import { IconFolderQuestion, IconRestore } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';

import { Empty, Loading, Partial } from '@/components/feedback';
import { Page } from '@/components/page';
import { takeHandedOver } from '@/lib/handover';
import { useProjects, type Membership } from '@/lib/session';
import { toast } from '@/lib/toasts';
import { newRun as t } from '@/locales';

import { draftOf, type Draft } from './draft';
import { NewRunForm } from './form';
import { forget } from './keeping';
import { limitsQuery, runQuery } from './queries';
import type { NewRunSearch } from './search';
import { restored } from './use-draft';

/** Where a run is described and asked for. */
export function NewRunPage() {
  const { from } = useSearch({ from: '/signed-in/runs/new' });
  // Another run's inputs make another form.
  return <Described key={from ?? ''} from={from} />;
}

function Described({ from }: NewRunSearch) {
  const { all, current } = useProjects();
  const projects = all.filter(({ roles }) => roles.includes('analyst'));
  const [turn, setTurn] = useState(0);
  const startOver = () => {
    forget();
    setTurn(turn + 1);
    toast({ tone: 'good', title: t.discarded });
  };
  return (
    <Page
      title={t.title}
      lead={from && turn === 0 ? t.from({ id: from.slice(0, 8) }) : t.lead}
      actions={
        projects.length ? (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconRestore size={15} aria-hidden />}
            onClick={startOver}
          >
            {t.discard}
          </Button>
        ) : undefined
      }
    >
      {projects.length ? (
        <Begin key={turn} from={turn === 0 ? (from ?? null) : null} projects={projects} current={current} />
      ) : (
        <Empty icon={IconFolderQuestion} title={t.noProject}>
          {t.noProjectHint}
        </Empty>
      )}
    </Page>
  );
}

interface BeginProps {
  from: string | null;
  projects: readonly Membership[];
  current: Membership | null;
}

/** Begins with the inputs of the run that was named, or with what was written here before. */
function Begin({ from, projects, current }: BeginProps) {
  const [handedOver] = useState(takeHandedOver);
  const before = restored(from);
  const wanted = from !== null && !before;
  const run = useQuery({ ...runQuery(from ?? ''), enabled: wanted });
  const limits = useQuery({ ...limitsQuery, enabled: wanted });
  const usual = projects.find(({ id }) => id === current?.id) ?? (projects.length === 1 ? projects[0] : undefined);
  if (wanted && (run.isLoading || limits.isLoading)) return <Loading name={t.title} rows={6} height={56} />;
  const draft: Draft | null =
    wanted && run.data
      ? draftOf(run.data, Object.fromEntries((limits.data ?? []).map((limit) => [limit.name, limit.default])))
      : null;
  return (
    <>
      {wanted && !draft ? <Partial>{t.fromMissing}</Partial> : null}
      <NewRunForm begin={{ draft, project: usual?.id ?? null, from }} projects={projects} files={handedOver} />
    </>
  );
}
