import { ActionIcon, Button, NumberInput, Slider, Tooltip } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Loading } from '@/components/feedback';
import { Refusal } from '@/components/refusal';
import type { Limit } from '@/lib/api';
import { newRun } from '@/locales';

import { withLimit, type Change, type Draft } from '../draft';
import { limitsQuery } from '../queries';
import classes from './limits.module.css';
import { fieldUnit, fromField, fromPosition, POSITIONS, shownLimit, toField, toPosition } from './units';

const t = newRun.limits;
const FIRST = 4;

/** What the run may use; what is not changed is what policy gives by itself. */
export function LimitsField({ draft, change }: { draft: Draft; change: (change: Change) => void }) {
  const { data, error, refetch } = useQuery(limitsQuery);
  const [all, setAll] = useState(false);
  if (error && !data) return <Refusal error={error} onRetry={() => void refetch()} live={false} />;
  if (!data) return <Loading name={newRun.sections.limits} rows={FIRST} height={56} />;
  // What was changed is never out of sight.
  const shown = data.filter(({ name }, at) => all || at < FIRST || Object.hasOwn(draft.limits, name));
  return (
    <>
      <div className={classes.list}>
        {shown.map((limit) => (
          <LimitRow
            key={limit.name}
            limit={limit}
            value={draft.limits[limit.name] ?? limit.default}
            set={(value) => change(withLimit(limit.name, value === limit.default ? null : value))}
          />
        ))}
      </div>
      {data.length > FIRST ? (
        <Button variant="subtle" size="compact-sm" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t.fewer : t.more}
        </Button>
      ) : null}
    </>
  );
}

interface LimitRowProps {
  limit: Limit;
  value: number;
  set: (value: number | null) => void;
}

function LimitRow({ limit, value, set }: LimitRowProps) {
  const { title, default: usual, floor, ceiling } = limit;
  const { suffix } = fieldUnit(limit, value);
  const reset = t.reset({ title });
  const changed = value !== usual;
  const outside = value > ceiling || value < floor;
  return (
    <div className={classes.row} data-changed={changed || undefined}>
      <div className={classes.words}>
        <span className={classes.title}>{title}</span>
        <span className={classes.bounds}>
          {`${t.default({ value: shownLimit(limit, usual) })} · ${t.ceiling({ value: shownLimit(limit, ceiling) })}`}
        </span>
      </div>
      <Slider
        className={classes.slider}
        size="sm"
        min={0}
        max={POSITIONS}
        label={(position) => shownLimit(limit, fromPosition(limit, position))}
        value={toPosition(limit, value)}
        onChange={(position) => {
          // A figure that was typed lies between two positions, and stays.
          if (position !== toPosition(limit, value)) set(fromPosition(limit, position));
        }}
        marks={[{ value: toPosition(limit, usual) }]}
        thumbLabel={t.slider({ title })}
        thumbProps={{ 'aria-valuetext': shownLimit(limit, value) }}
      />
      <NumberInput
        className={classes.number}
        size="sm"
        aria-label={title}
        value={toField(limit, value)}
        suffix={suffix ? ` ${suffix}` : ''}
        min={0}
        thousandSeparator=","
        decimalScale={limit.unit === 'count' ? 0 : 2}
        // What is beyond a bound is for policy to refuse, with a button that mends it.
        clampBehavior="none"
        error={outside}
        hideControls
        onChange={(typed) => {
          if (typeof typed === 'number' && typed !== toField(limit, value)) set(fromField(limit, typed));
        }}
      />
      <Tooltip label={reset}>
        <ActionIcon
          className={classes.reset}
          aria-label={reset}
          disabled={!changed}
          data-hidden={!changed || undefined}
          onClick={() => set(null)}
        >
          <IconArrowBackUp size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
