import { ActionIcon, Button, NativeSelect, TextInput, Tooltip } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowsSort,
  IconArrowUp,
  IconChevronLeft,
  IconChevronRight,
  IconDownload,
  IconSearch,
} from '@tabler/icons-react';
import { clsx } from 'clsx';
import { useDeferredValue, useMemo, useState } from 'react';

import { count, plural } from '@/lib/format';
import { run } from '@/locales';

import { saveBlob } from '@/lib/save';
import { visible, visibleName } from '@/lib/visible';
import {
  arranged,
  csvOf,
  isMissing,
  placesOf,
  seen,
  shown,
  type Sort,
  type TableColumn,
  type TableData,
  type Value,
} from './model';
import classes from './table.module.css';

const t = run.table;
const PAGES = [10, 25, 50, 100];
const FIRST_COLUMNS = 40;
// So few rows are seen at a glance.
const FEW = 5;
const MOST_CHARACTERS = 200;

interface DataTableProps {
  data: TableData;
  label: string;
  /** The name of a file that the table is saved as. */
  fileName: string;
}

/** A table of up to 100,000 rows: sorts, filters and pages in the browser, and says when it is not all of it. */
export function DataTable({ data, label, fileName }: DataTableProps) {
  const [sort, setSort] = useState<Sort | null>(null);
  const [words, setWords] = useState('');
  const [within, setWithin] = useState<number | null>(null);
  const [page, setPage] = useState(0);
  const [size, setSize] = useState(PAGES[0] ?? 10);
  const [wide, setWide] = useState(false);
  const sought = useDeferredValue(words);
  const rows = useMemo(() => arranged(data, sort, sought, within), [data, sort, sought, within]);
  const places = useMemo(() => data.columns.map((_, column) => placesOf(data, column)), [data]);
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const at = Math.min(page, pages - 1);
  const here = rows.subarray(at * size, (at + 1) * size);
  const columns = wide ? data.columns : data.columns.slice(0, FIRST_COLUMNS);
  const hidden = data.columns.length - columns.length;
  const toSort = (column: number) => {
    setSort((now) => nextSort(now, column));
    setPage(0);
  };
  return (
    <div className={classes.root}>
      <CutNotice data={data} />
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
      <div className={classes.scroll} role="region" aria-label={label} tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr>
              {columns.map((column, index) => (
                <Heading key={index} column={column} index={index} sort={sort} onSort={() => toSort(index)} />
              ))}
            </tr>
          </thead>
          <tbody>
            {[...here].map((row) => (
              <tr key={row}>
                {columns.map((column, index) => (
                  <Cell key={index} column={column} value={data.rows[row]?.[index]} places={places[index] ?? 0} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length ? null : <p className={classes.nothing}>{words ? t.nothingFound : t.noRows}</p>}
      </div>
      {hidden ? (
        <Button variant="subtle" size="compact-sm" onClick={() => setWide(true)}>
          {t.moreColumns({ n: hidden })}
        </Button>
      ) : null}
      <footer className={classes.foot}>
        {data.rows.length > FEW ? (
          <Filter
            data={data}
            words={words}
            within={within}
            onWords={(next) => {
              setWords(next);
              setPage(0);
            }}
            onWithin={setWithin}
          />
        ) : null}
        <span className={classes.shape} role="status">
          {rows.length === data.rows.length
            ? t.shape({
                rows: plural(data.rows.length, t.row, t.rows),
                columns: plural(dataColumns(data), t.column, t.columns),
              })
            : t.found({ n: count(rows.length), of: count(data.rows.length) })}
        </span>
        <Pager at={at} pages={pages} size={size} onPage={setPage} onSize={setSize} rows={rows.length} />
        <Tooltip label={t.save}>
          <ActionIcon
            aria-label={t.save}
            onClick={() => saveBlob(new Blob([csvOf(data, rows)], { type: 'text/csv' }), fileName)}
          >
            <IconDownload size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </footer>
    </div>
  );
}

function dataColumns(data: TableData): number {
  return data.columns.filter((column) => !column.index).length;
}

function nextSort(now: Sort | null, column: number): Sort | null {
  if (now?.column !== column) return { column, descending: false };
  return now.descending ? null : { column, descending: true };
}

function CutNotice({ data: { rows, totalRows, totalColumns, columns } }: { data: TableData }) {
  const here = columns.filter((column) => !column.index).length;
  const cutRows = totalRows !== null && totalRows > rows.length;
  const cutColumns = totalColumns !== null && totalColumns > here;
  if (!cutRows && !cutColumns) return null;
  return (
    <p className={classes.cut} role="note">
      {cutRows ? t.cutRows({ shown: count(rows.length), of: count(totalRows) }) : null}{' '}
      {cutColumns ? t.cutColumns({ shown: count(here), of: count(totalColumns) }) : null} {t.cutRemedy}
    </p>
  );
}

interface HeadingProps {
  column: TableColumn;
  index: number;
  sort: Sort | null;
  onSort: () => void;
}

function Heading({ column, index, sort, onSort }: HeadingProps) {
  const sorted = sort?.column === index ? sort : null;
  const Icon = sorted ? (sorted.descending ? IconArrowDown : IconArrowUp) : IconArrowsSort;
  const name = visibleName(column.name).slice(0, MOST_CHARACTERS) || (column.index ? t.index : t.unnamed);
  return (
    <th
      scope="col"
      aria-sort={sorted ? (sorted.descending ? 'descending' : 'ascending') : 'none'}
      className={clsx(column.kind === 'number' && classes.number, column.index && classes.index)}
    >
      <button type="button" className={classes.sort} onClick={onSort} title={t.sortBy({ name })}>
        <bdi className={clsx(classes.name, !column.name && classes.unnamed)}>{name}</bdi>
        <Icon size={13} className={clsx(classes.arrow, sorted && classes.sorted)} aria-hidden />
      </button>
    </th>
  );
}

function Cell({ column, value, places }: { column: TableColumn; value: Value | undefined; places: number }) {
  const text = shown(value);
  const cut = text.length > MOST_CHARACTERS;
  const short = visible(cut ? `${text.slice(0, MOST_CHARACTERS)}…` : seen(value, places));
  const Tag = column.index ? 'th' : 'td';
  return (
    <Tag
      {...(column.index ? { scope: 'row' } : {})}
      className={clsx(column.kind === 'number' && classes.number, column.index && classes.index)}
      title={text.length > 40 || text !== short ? visible(text.slice(0, 2_000)) : undefined}
    >
      {isMissing(value) ? <span className={classes.missing}>{short || t.missing}</span> : <bdi>{short}</bdi>}
    </Tag>
  );
}

interface FilterProps {
  data: TableData;
  words: string;
  within: number | null;
  onWords: (words: string) => void;
  onWithin: (column: number | null) => void;
}

function Filter({ data, words, within, onWords, onWithin }: FilterProps) {
  return (
    <div className={classes.filter}>
      <TextInput
        size="xs"
        className={classes.words}
        aria-label={t.filter}
        placeholder={t.filter}
        value={words}
        leftSection={<IconSearch size={14} aria-hidden />}
        onChange={(event) => onWords(event.currentTarget.value)}
      />
      {words ? (
        <NativeSelect
          size="xs"
          className={classes.within}
          aria-label={t.filterIn}
          value={within ?? ''}
          onChange={({ currentTarget: { value } }) => onWithin(value === '' ? null : Number(value))}
          data={[
            { value: '', label: t.anyColumn },
            ...data.columns.slice(0, 500).map((column, index) => ({
              value: String(index),
              label: visibleName(column.name).slice(0, 60) || (column.index ? t.index : t.unnamed),
            })),
          ]}
        />
      ) : null}
    </div>
  );
}

interface PagerProps {
  at: number;
  pages: number;
  size: number;
  rows: number;
  onPage: (page: number) => void;
  onSize: (size: number) => void;
}

function Pager({ at, pages, size, rows, onPage, onSize }: PagerProps) {
  if (rows <= (PAGES[0] ?? 0)) return null;
  const change = (next: number) => {
    // The first row in sight stays in sight.
    onPage(Math.floor((at * size) / next));
    onSize(next);
  };
  return (
    <nav className={classes.pager} aria-label={t.pages}>
      <NativeSelect
        size="xs"
        aria-label={t.perPage}
        value={String(size)}
        onChange={(event) => change(Number(event.currentTarget.value))}
        data={PAGES.map((each) => ({ value: String(each), label: t.perPageOf({ n: each }) }))}
      />
      <ActionIcon aria-label={t.previous} disabled={at === 0} onClick={() => onPage(at - 1)}>
        <IconChevronLeft size={16} aria-hidden />
      </ActionIcon>
      <span className={classes.page}>{t.page({ at: count(at + 1), of: count(pages) })}</span>
      <ActionIcon aria-label={t.next} disabled={at >= pages - 1} onClick={() => onPage(at + 1)}>
        <IconChevronRight size={16} aria-hidden />
      </ActionIcon>
    </nav>
  );
}
