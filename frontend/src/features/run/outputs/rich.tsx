import { SegmentedControl } from '@mantine/core';
import { memo, useMemo, useState } from 'react';

import { run } from '@/locales';

import type { RichOutput } from '../live/outputs';
import { outputAddress } from '../queries';
import { DataTable } from '../table/data-table';
import { TextBuffer } from '../text/buffer';
import { TextView } from '../text/text-view';
import { Figure } from './figure';
import { JsonTree } from './json-tree';
import classes from './outputs.module.css';
import { SandboxedFrame } from './sandboxed-frame';
import { viewsOf, type View } from './views';

const t = run.outputs;

interface RichProps {
  output: RichOutput;
  runId: string;
  number: number;
  index: number;
  /** The cell still runs: what is kept as a document cannot be asked for yet. */
  live: boolean;
}

/** A displayed value or a result, in the most telling of its forms, with a way to the others. */
export const Rich = memo(function Rich({ output, runId, number, index, live }: RichProps) {
  const views = useMemo(() => viewsOf(output), [output]);
  const [chosen, setChosen] = useState(0);
  const view = views[Math.min(chosen, views.length - 1)];
  // Text beside a picture says no more than the picture's name.
  const choices = views[0]?.kind === 'figure' ? views.filter((one) => one.kind !== 'text') : views;
  if (!view) return null;
  return (
    <>
      {choices.length > 1 ? (
        <div className={classes.views}>
          <SegmentedControl
            size="xs"
            aria-label={t.viewAs}
            value={String(chosen)}
            onChange={(value) => setChosen(Number(value))}
            data={choices.map((one) => ({ value: String(views.indexOf(one)), label: nameOf(one) }))}
          />
        </div>
      ) : null}
      <Shown view={view} runId={runId} number={number} index={index} live={live} />
    </>
  );
});

function Shown({ view, runId, number, index, live }: { view: View } & Omit<RichProps, 'output'>) {
  const label = t.labelled({ number });
  switch (view.kind) {
    case 'table':
      return (
        <DataTable data={view.table} label={label} fileName={`run-${runId.slice(0, 8)}-${number}-${index + 1}.csv`} />
      );
    case 'figure':
      return (
        <Figure
          base64={view.base64}
          mediaType={view.mediaType}
          alt={view.alt || label}
          fileName={`figure-${number}-${index + 1}.${view.mediaType.slice('image/'.length)}`}
        />
      );
    case 'document':
      return (
        <SandboxedFrame
          address={outputAddress(runId, number, index, view.mediaType)}
          title={label}
          drawing={
            view.size && { size: view.size, source: view.source, fileName: `drawing-${number}-${index + 1}.svg` }
          }
          waits={live}
        />
      );
    case 'json':
      return <JsonTree value={view.value} label={label} />;
    case 'text':
      return (
        <div className={classes.text}>
          <PlainText text={view.text} label={label} />
        </div>
      );
  }
}

export function PlainText({ text, label }: { text: string; label: string }) {
  const buffer = useMemo(() => {
    const made = new TextBuffer();
    made.append(text);
    return made;
  }, [text]);
  return <TextView buffer={buffer} label={label} />;
}

function nameOf(view: View): string {
  if (view.kind === 'document') return view.mediaType === 'text/html' ? t.html : t.svg;
  return t.kinds[view.kind];
}
