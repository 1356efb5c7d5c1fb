import { Button, Modal } from '@mantine/core';
import { IconDownload, IconFileUnknown } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Empty, Loading, Partial } from '@/components/feedback';
import { Refusal } from '@/components/refusal';
import { TablePreview } from '@/components/table-preview';
import type { Artifact } from '@/lib/api';
import { bytes } from '@/lib/format';
import { PreviewError, previewOf } from '@/lib/preview';
import { run } from '@/locales';

import { JsonTree } from '../outputs/json-tree';
import { PlainText } from '../outputs/rich';
import { artifactAddress } from '../queries';
import { download, fetchBlob } from '../save';
import { visibleName } from '@/lib/visible';
import classes from './artifacts.module.css';
import { kindOf, pictureType } from './kinds';

const t = run.artifacts;
// What is larger is not fetched for a look at it.
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_TEXT = 2 * 1024 * 1024;

interface PreviewProps {
  runId: string;
  artifact: Artifact;
  opened: boolean;
  onClose: () => void;
}

/** A look at a file, without keeping it. */
export function Preview({ runId, artifact, opened, onClose }: PreviewProps) {
  const name = visibleName(artifact.name);
  const save = () => void download(artifactAddress(runId, artifact.name), artifact.name);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="min(72rem, 96vw)"
      title={<bdi className={classes.title}>{name}</bdi>}
    >
      <div className={classes.facts}>
        <span>{bytes(artifact.size)}</span>
        <span>{artifact.media_type}</span>
        <Button size="compact-sm" variant="default" leftSection={<IconDownload size={14} aria-hidden />} onClick={save}>
          {t.download}
        </Button>
      </div>
      <Content runId={runId} artifact={artifact} name={name} />
    </Modal>
  );
}

function Content({ runId, artifact, name }: { runId: string; artifact: Artifact; name: string }) {
  const kind = kindOf(artifact);
  const shows = kind !== 'other' && kind !== 'pdf' && artifact.size <= MOST_BYTES && artifact.size > 0;
  const query = useQuery({
    queryKey: ['runs', runId, 'artifacts', artifact.name, artifact.sha256],
    queryFn: ({ signal }) => contentOf(runId, artifact, signal),
    enabled: shows,
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
    structuralSharing: false,
  });
  if (!shows) {
    const why =
      artifact.size === 0 ? t.empty : artifact.size > MOST_BYTES ? t.tooLarge : kind === 'pdf' ? t.pdf : t.unknown;
    return (
      <Empty icon={IconFileUnknown} title={t.noPreview} size="part">
        {why}
      </Empty>
    );
  }
  if (query.isPending) return <Loading name={name} />;
  if (query.isError) {
    return query.error instanceof PreviewError ? (
      <Empty icon={IconFileUnknown} title={t.noPreview} size="part">
        {t.unreadable}
      </Empty>
    ) : (
      <Refusal error={query.error} asked={t.downloadAsked({ name })} onRetry={() => void query.refetch()} />
    );
  }
  return <Shown content={query.data} name={name} />;
}

type Content =
  | { kind: 'table'; preview: Awaited<ReturnType<typeof previewOf>> }
  | { kind: 'picture'; source: string }
  | { kind: 'json'; value: unknown }
  | { kind: 'text'; text: string; cut: boolean };

async function contentOf(runId: string, artifact: Artifact, signal: AbortSignal): Promise<Content> {
  const blob = await fetchBlob(artifactAddress(runId, artifact.name), signal);
  const kind = kindOf(artifact);
  if (kind === 'table') return { kind, preview: await previewOf(blob, artifact.name, signal) };
  if (kind === 'image') return { kind: 'picture', source: await dataUrl(blob, pictureType(artifact.name)) };
  const cut = blob.size > MOST_TEXT;
  const text = await blob.slice(0, MOST_TEXT).text();
  if (kind === 'json' && !cut) {
    try {
      return { kind, value: JSON.parse(text) as unknown };
    } catch {
      // What does not hold to its name is text.
    }
  }
  return { kind: 'text', text, cut };
}

/**
 * A picture as a data: address. Opened by itself it has an origin of its own, where a blob: would have ours.
 */
function dataUrl(blob: Blob, mediaType: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(new PreviewError('unreadable'));
    reader.readAsDataURL(new Blob([blob], { type: mediaType }));
  });
}

function Shown({ content, name }: { content: Content; name: string }) {
  const [broken, setBroken] = useState(false);
  switch (content.kind) {
    case 'table':
      return <TablePreview preview={content.preview} name={name} />;
    case 'picture':
      return broken ? (
        <Empty icon={IconFileUnknown} title={t.noPreview} size="part">
          {t.unreadable}
        </Empty>
      ) : (
        <div className={classes.picture}>
          <img src={content.source} alt={name} className={classes.image} onError={() => setBroken(true)} />
        </div>
      );
    case 'json':
      return <JsonTree value={content.value} label={name} />;
    case 'text':
      return (
        <>
          {content.cut ? <Partial title={t.textCut}>{t.textCutMore}</Partial> : null}
          <div className={classes.text}>
            <PlainText text={content.text} label={name} />
          </div>
        </>
      );
  }
}
