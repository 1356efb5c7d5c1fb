import { Button, Modal, Skeleton } from '@mantine/core';
import { IconArrowsMaximize, IconArrowsMinimize, IconDownload, IconFileUnknown } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';

import { Empty, Loading, Partial } from '@/components/feedback';
import { Refusal } from '@/components/refusal';
import type { Artifact } from '@/lib/api';
import { bytes } from '@/lib/format';
import { run } from '@/locales';

import { JsonTree } from '../outputs/json-tree';
import { PlainText } from '../outputs/rich';
import { artifactAddress } from '../queries';
import { download, fetchBlob } from '@/lib/save';
import { visibleName } from '@/lib/visible';
import { Picture } from '../zoom/picture';
import classes from './artifacts.module.css';
import { kindOf, pictureType } from './kinds';
import { Rows } from './rows';

const t = run.artifacts;
// Its reader weighs more than the rest of the page.
const PdfView = lazy(async () => ({ default: (await import('./pdf-view')).PdfView }));
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
  const [full, setFull] = useState(false);
  const save = () => void download(artifactAddress(runId, artifact.name), artifact.name);
  const grows = kindOf(artifact) === 'image' || kindOf(artifact) === 'pdf';
  const Size = full ? IconArrowsMinimize : IconArrowsMaximize;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      fullScreen={full}
      size="min(72rem, 96vw)"
      classNames={full ? { body: classes.full ?? '' } : {}}
      title={<bdi className={classes.title}>{name}</bdi>}
    >
      <div className={classes.facts}>
        <span>{bytes(artifact.size)}</span>
        <span>{artifact.media_type}</span>
        <span className={classes.tools}>
          {grows ? (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<Size size={14} aria-hidden />}
              onClick={() => setFull(!full)}
            >
              {full ? t.smallAgain : t.fullScreen}
            </Button>
          ) : null}
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden />}
            onClick={save}
          >
            {t.download}
          </Button>
        </span>
      </div>
      <Content runId={runId} artifact={artifact} name={name} />
    </Modal>
  );
}

function Content({ runId, artifact, name }: { runId: string; artifact: Artifact; name: string }) {
  const kind = kindOf(artifact);
  const shows = kind !== 'other' && artifact.size <= MOST_BYTES && artifact.size > 0;
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
    const why = artifact.size === 0 ? t.empty : artifact.size > MOST_BYTES ? t.tooLarge : t.unknown;
    return (
      <Empty icon={IconFileUnknown} title={t.noPreview} size="part">
        {why}
      </Empty>
    );
  }
  if (query.isPending) return <Loading name={name} />;
  if (query.isError) {
    return <Refusal error={query.error} asked={t.downloadAsked({ name })} onRetry={() => void query.refetch()} />;
  }
  return <Shown content={query.data} artifact={artifact} name={name} />;
}

type Content =
  | { kind: 'table' | 'pdf'; file: Blob }
  | { kind: 'picture'; source: string }
  | { kind: 'json'; value: unknown }
  | { kind: 'text'; text: string; cut: boolean };

async function contentOf(runId: string, artifact: Artifact, signal: AbortSignal): Promise<Content> {
  const blob = await fetchBlob(artifactAddress(runId, artifact.name), signal);
  const kind = kindOf(artifact);
  if (kind === 'table' || kind === 'pdf') return { kind, file: blob };
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
    reader.onerror = () => reject(reader.error ?? new DOMException('The file cannot be read.'));
    reader.readAsDataURL(new Blob([blob], { type: mediaType }));
  });
}

function Shown({ content, artifact, name }: { content: Content; artifact: Artifact; name: string }) {
  const [broken, setBroken] = useState(false);
  switch (content.kind) {
    case 'table':
      return <Rows file={content.file} fileName={artifact.name} id={artifact.sha256} name={name} />;
    case 'pdf':
      return (
        <Suspense fallback={<Skeleton className={classes.shown} aria-busy />}>
          <PdfView file={content.file} name={name} />
        </Suspense>
      );
    case 'picture':
      return broken ? (
        <Empty icon={IconFileUnknown} title={t.noPreview} size="part">
          {t.unreadable}
        </Empty>
      ) : (
        <Picture
          source={content.source}
          alt={name}
          size={null}
          className={classes.shown}
          onBroken={() => setBroken(true)}
        />
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
