import { IconListSearch } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';

import { Empty } from '@/components/feedback';
import { useCommands } from '@/lib/commands';
import { logsRead, useMe, useProjects, type Membership } from '@/lib/session';
import { audit } from '@/locales';

import { AuditFrame } from '../frame';
import { projectOf } from '../question';
import { Answer } from './answer';
import { recallQuery } from './queries';
import { recallQuestion } from './question';
import { focusQuestion, RecallForm } from './recall-form';
import { recallSearch, type RecallSearch } from './search';

const t = audit.recall;

/** Which runs used a package, an image, a file or a policy revision, and what of them reached whom. */
export function RecallPage() {
  const read = logsRead(useMe());
  return (
    <AuditFrame title={t.title} lead={t.lead}>
      {read.length ? (
        <Recall projects={read} />
      ) : (
        <Empty icon={IconListSearch} title={t.notForYou}>
          {t.notForYouHint}
        </Empty>
      )}
    </AuditFrame>
  );
}

function Recall({ projects }: { projects: readonly Membership[] }) {
  const search = useSearch({ from: '/signed-in/audit/recall' });
  const navigate = useNavigate({ from: '/audit/recall' });
  const client = useQueryClient();
  const { current } = useProjects();
  const switchedTo = projects.find(({ id }) => id === current?.id)?.id ?? null;
  const question = recallQuestion(search, switchedTo);
  const onAsk = (asked: RecallSearch) => {
    const next = recallSearch({ ...asked });
    const same = JSON.stringify(recallQuestion(next, switchedTo)) === JSON.stringify(question);
    if (same && question) void client.refetchQueries({ queryKey: recallQuery(question).queryKey, exact: true });
    else void navigate({ search: next, resetScroll: false });
  };
  useCommands([{ id: 'recall:ask', title: t.askCommand, section: audit.section, keys: '/', run: focusQuestion }]);
  return (
    <>
      <RecallForm search={search} project={projectOf(search, switchedTo)} projects={projects} onAsk={onAsk} />
      {question ? (
        <Answer key={JSON.stringify(question)} question={question} projects={projects} />
      ) : (
        <Empty icon={IconListSearch} title={t.nothingAsked} size="part">
          {t.nothingAskedHint}
        </Empty>
      )}
    </>
  );
}
