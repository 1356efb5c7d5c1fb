import { ActionIcon, Button, Menu, Modal, Tooltip } from '@mantine/core';
import {
  IconCircleMinus,
  IconDots,
  IconDownload,
  IconLink,
  IconPlayerStop,
  IconRotateClockwise,
  IconSquareCheck,
} from '@tabler/icons-react';
import type { UseMutationResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { RunStateBadge } from '@/components/state-badge';
import type { Run } from '@/lib/api';
import type { StreamState } from '@/lib/events';
import { useStore } from '@/lib/store';
import { run as t } from '@/locales';

import { Times } from './facts/facts';
import type { Feed } from './live/feed';
import classes from './run.module.css';
import { isLive } from './states';
import { visibleName } from '@/lib/visible';

/** What the run is about, as facts in a line. */
export function Lead({ run, feed }: { run: Run; feed: Feed }) {
  const stream = useStore(feed.stream);
  return (
    <div className={classes.lead}>
      <RunStateBadge state={run.state} />
      <span>{visibleName(run.project_name)}</span>
      <span>{visibleName(run.owner.name)}</span>
      <span>{run.environment.name}</span>
      <Times run={run} />
      {isLive(run.state) ? <Stream state={stream} /> : null}
    </div>
  );
}

/** Says only what is not as it should be: that nothing is said means that the page is live. */
function Stream({ state }: { state: StreamState }) {
  const text = state === 'waiting' ? t.header.waiting : state === 'paused' ? t.header.paused : null;
  return text ? (
    <span className={classes.stream} data-tone="wait" role="status">
      {text}
    </span>
  ) : null;
}

export interface Doing {
  interrupt: UseMutationResult<Run, Error, void>;
  close: UseMutationResult<Run, Error, void>;
  cancel: UseMutationResult<Run, Error, void>;
  notebook: UseMutationResult<void, Error, void>;
  copyLink: () => void;
  confirm: { opened: boolean; open: () => void; close: () => void };
}

export function Actions({ run, doing }: { run: Run; doing: Doing }) {
  const live = isLive(run.state);
  const { interrupt, close, notebook, copyLink, confirm } = doing;
  return (
    <>
      {run.state === 'executing' ? (
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} aria-hidden />}
          loading={interrupt.isPending}
          onClick={() => interrupt.mutate()}
        >
          {t.actions.interrupt}
        </Button>
      ) : null}
      {run.state === 'ready' ? (
        <Tooltip label={t.actions.closeHint} multiline maw={260}>
          <Button
            variant="default"
            leftSection={<IconSquareCheck size={16} aria-hidden />}
            loading={close.isPending}
            onClick={() => close.mutate()}
          >
            {t.actions.close}
          </Button>
        </Tooltip>
      ) : null}
      <Button
        renderRoot={(props) => <Link to="/runs/new" search={{ from: run.id }} {...props} />}
        variant={live ? 'default' : 'filled'}
        leftSection={<IconRotateClockwise size={16} aria-hidden />}
      >
        {t.actions.again}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size="input-sm" aria-label={t.actions.more}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconDownload size={16} aria-hidden />} onClick={() => notebook.mutate()}>
            {t.actions.notebook}
          </Menu.Item>
          <Menu.Item leftSection={<IconLink size={16} aria-hidden />} onClick={copyLink}>
            {t.actions.copyLink}
          </Menu.Item>
          {live ? (
            <>
              <Menu.Divider />
              <Menu.Item color="red" leftSection={<IconCircleMinus size={16} aria-hidden />} onClick={confirm.open}>
                {t.actions.cancel}
              </Menu.Item>
            </>
          ) : null}
        </Menu.Dropdown>
      </Menu>
      <ConfirmCancel doing={doing} />
    </>
  );
}

function ConfirmCancel({ doing: { cancel, confirm } }: { doing: Doing }) {
  const yes = () => cancel.mutate(undefined, { onSettled: confirm.close });
  return (
    <Modal opened={confirm.opened} onClose={confirm.close} title={t.cancelling.title} size="sm">
      <p className={classes.confirm}>{t.cancelling.text}</p>
      <div className={classes.confirmActions}>
        <Button variant="default" onClick={confirm.close} data-autofocus>
          {t.cancelling.no}
        </Button>
        <Button color="red" loading={cancel.isPending} onClick={yes}>
          {t.cancelling.yes}
        </Button>
      </div>
    </Modal>
  );
}
