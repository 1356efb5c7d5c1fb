import { NativeSelect } from '@mantine/core';
import { IconFileUnknown } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Empty, Loading } from '@/components/feedback';
import { TablePreview } from '@/components/table-preview';
import { PreviewError, previewOf } from '@/lib/preview';
import { visibleName } from '@/lib/visible';
import { run } from '@/locales';

import classes from './artifacts.module.css';

const t = run.artifacts;

interface RowsProps {
  file: Blob;
  /** By which its format is known. */
  fileName: string;
  /** Tells contents apart. */
  id: string;
  name: string;
}

/** The first rows of a table in a file; of a workbook those of any of its sheets. */
export function Rows({ file, fileName, id, name }: RowsProps) {
  const [sheet, setSheet] = useState(0);
  const { data, error } = useQuery({
    queryKey: ['rows-of-file', fileName, id, sheet],
    queryFn: ({ signal }) => previewOf(file, fileName, { sheet, signal }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
    retry: false,
  });
  if (error) {
    return (
      <Empty icon={IconFileUnknown} title={t.noPreview} size="part">
        {t.rowsFailed[error instanceof PreviewError ? error.reason : 'unreadable']}
      </Empty>
    );
  }
  if (!data) return <Loading name={name} />;
  return (
    <>
      {data.sheets.length > 1 ? (
        <NativeSelect
          size="xs"
          className={classes.sheets}
          label={t.sheet}
          value={String(sheet)}
          onChange={(event) => setSheet(Number(event.currentTarget.value))}
          data={data.sheets.map((each, at) => ({ value: String(at), label: visibleName(each).slice(0, 100) }))}
        />
      ) : null}
      {data.columns.length ? (
        <TablePreview preview={data} name={name} />
      ) : (
        <Empty icon={IconFileUnknown} title={t.noPreview} size="part">
          {t.emptySheet}
        </Empty>
      )}
    </>
  );
}
