import { Skeleton, VisuallyHidden } from '@mantine/core';
import {
  IconBinary,
  IconBraces,
  IconCalendar,
  IconClockHour4,
  IconCircleDashed,
  IconDecimal,
  IconLetterCase,
  IconNumbers,
  IconQuestionMark,
  IconToggleLeft,
  type Icon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';

import { count, plural } from '@/lib/format';
import { PreviewError, previewOf, type ColumnType, type Preview } from '@/lib/preview';
import { visibleName } from '@/lib/visible';
import { components } from '@/locales';

import classes from './table-preview.module.css';

const t = components.tablePreview;

const ICONS: Record<ColumnType, Icon> = {
  integer: IconNumbers,
  number: IconDecimal,
  boolean: IconToggleLeft,
  date: IconCalendar,
  datetime: IconClockHour4,
  text: IconLetterCase,
  nested: IconBraces,
  binary: IconBinary,
  mixed: IconQuestionMark,
  empty: IconCircleDashed,
};
const FIGURES: ReadonlySet<ColumnType> = new Set(['integer', 'number']);

/** The first rows of a table, each column with its type. */
export function TablePreview({ preview, name }: { preview: Preview; name: string }) {
  const { columns, rows } = preview;
  return (
    <figure className={classes.preview}>
      {/* Scrolls, so the keyboard has to get there. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className={classes.scroll} role="region" aria-label={t.label({ name })} tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>
              {columns.map((column, at) => (
                <ColumnHead key={at} {...column} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={at}>
                {row.map((cell, column) => (
                  <td key={column} data-figures={FIGURES.has(columns[column]?.type ?? 'text') || undefined}>
                    {cell === null || cell === '' ? <span className={classes.none}>{t.noValue}</span> : cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <figcaption className={classes.caption}>{caption(preview)}</figcaption>
    </figure>
  );
}

function ColumnHead({ name, type }: { name: string; type: ColumnType }) {
  const Icon = ICONS[type];
  return (
    <th scope="col" data-figures={FIGURES.has(type) || undefined}>
      <span className={classes.name} title={name}>
        {name}
      </span>
      <span className={classes.type}>
        <Icon size={12} stroke={2} aria-hidden />
        {t.types[type]}
      </span>
    </th>
  );
}

function caption({ rows, totalRows, totalColumns, columns, more, sheets, sheet }: Preview): string {
  const shown = plural(rows.length, t.row, t.rows);
  const parts = [
    totalRows !== null && totalRows > rows.length
      ? t.firstOf({ shown, total: count(totalRows) })
      : more
        ? t.first({ shown })
        : shown,
    totalColumns > columns.length
      ? t.columnsOf({ shown: count(columns.length), total: count(totalColumns) })
      : plural(columns.length, t.column, t.columns),
  ];
  const shownSheet = sheets[sheet];
  if (shownSheet !== undefined && sheets.length > 1) {
    parts.push(t.sheet({ name: visibleName(shownSheet), others: sheets.length - 1 }));
  }
  return parts.join(' · ');
}

/** The first rows of a file, read in the browser; says so where it has none to show. `id` tells contents apart. */
export function FilePreview({ file, name, id }: { file: Blob; name: string; id: string }) {
  const { data, error } = useQuery({
    queryKey: ['preview-of-file', id],
    queryFn: ({ signal }) => previewOf(file, name, { signal }),
    staleTime: Infinity,
    retry: false,
  });
  if (data) return <TablePreview preview={data} name={name} />;
  if (!error) {
    return (
      <>
        <VisuallyHidden>{components.loading}</VisuallyHidden>
        <Skeleton height={160} radius="md" aria-hidden />
      </>
    );
  }
  return <p className={classes.failed}>{t.failures[error instanceof PreviewError ? error.reason : 'unreadable']}</p>;
}
