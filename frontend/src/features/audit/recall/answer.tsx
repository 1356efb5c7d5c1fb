import { Button } from '@mantine/core';
import { IconFileTypeCsv, IconRefresh } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';

import { Partial } from '@/components/feedback';
import { Section } from '@/components/page';
import { Refusal } from '@/components/refusal';
import { useCommands } from '@/lib/commands';
import { duration, plural } from '@/lib/format';
import type { Membership } from '@/lib/session';
import { audit } from '@/locales';

import { recallQuery, useRecallSheet } from './queries';
import { askedWords, type RecallQuestion } from './question';
import { focusFirstRecalled, RecalledList } from './recalled-list';
import { behind } from './standing';

const t = audit.recall;

interface AnswerProps {
  question: RecallQuestion;
  projects: readonly Membership[];
}

/** The runs that a question is about, how complete that is, and all of it to take away. */
export function Answer({ question, projects }: AnswerProps) {
  const list = useInfiniteQuery(recallQuery(question));
  const sheet = useRecallSheet();
  const again = () => void list.refetch();
  const take = () => sheet.mutate(question);
  const asked = askedWords(question);
  const project = projects.find(({ id }) => id === question.project);
  useCommands([
    { id: 'recall:first', title: t.firstRun, section: audit.section, keys: 'j', run: focusFirstRecalled },
    { id: 'recall:again', title: t.again, section: audit.section, icon: IconRefresh, run: again },
    { id: 'recall:csv', title: t.takeCommand, section: audit.section, icon: IconFileTypeCsv, run: take },
  ]);
  return (
    <Section
      title={asked}
      lead={project ? t.inProject({ project: project.name }) : t.everywhere}
      actions={
        <>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconRefresh size={14} aria-hidden />}
            loading={list.isRefetching && !list.isFetchingNextPage}
            onClick={again}
          >
            {t.again}
          </Button>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconFileTypeCsv size={14} aria-hidden />}
            loading={sheet.isPending}
            disabled={!list.data}
            onClick={take}
          >
            {t.take}
          </Button>
        </>
      }
    >
      {sheet.error ? <Refusal error={sheet.error} asked={t.takeAsked({ asked })} onRetry={take} /> : null}
      {list.data && list.isRefetchError ? (
        <Partial title={t.stale} onRetry={again}>
          {t.staleHint}
        </Partial>
      ) : null}
      <Lag standing={behind(list.data?.pages ?? [])} onAgain={again} />
      <RecalledList query={list} projects={projects} />
    </Section>
  );
}

/** That the log knows more than was searched. */
function Lag({ standing, onAgain }: { standing: ReturnType<typeof behind>; onAgain: () => void }) {
  if (!standing) return null;
  const entries = plural(standing.behind, audit.entry, audit.entries);
  return (
    <Partial title={t.lags} onRetry={onAgain}>
      {t.lagsHint({ entries, time: duration(standing.lag_seconds) })}
    </Partial>
  );
}
