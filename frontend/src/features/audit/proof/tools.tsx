import { Button, Checkbox, FileButton } from '@mantine/core';
import { IconDownload, IconFileSearch } from '@tabler/icons-react';

import type { AuditEntry } from '@/lib/api';
import { saveBlob } from '@/lib/save';
import { visibleName } from '@/lib/visible';
import { audit } from '@/locales';

import classes from './proof.module.css';

const t = audit.proof.tools;

/** A proof file from the auditor's own disk. */
export interface OwnFile {
  name: string;
  text: string;
}

interface ProofToolsProps {
  entry: AuditEntry;
  file: string;
  own: OwnFile | null;
  onOwn: (own: OwnFile | null) => void;
  spoil: boolean;
  onSpoil: (spoil: boolean) => void;
}

/** Take the proof away, check one that was taken away before, and see one fail. */
export function ProofTools({ entry, file, own, onOwn, spoil, onSpoil }: ProofToolsProps) {
  const open = async (chosen: File | null) => {
    if (chosen) onOwn({ name: chosen.name, text: await chosen.text() });
  };
  const save = () => saveBlob(new Blob([file], { type: 'text/plain' }), `${entry.id}.tlog-proof`);
  return (
    <div className={classes.tools}>
      <div className={classes.buttons}>
        <Button size="xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />} onClick={save}>
          {t.save}
        </Button>
        {own ? (
          <Button size="xs" variant="default" onClick={() => onOwn(null)}>
            {t.ownBack}
          </Button>
        ) : (
          <FileButton onChange={(chosen) => void open(chosen)}>
            {(props) => (
              <Button {...props} size="xs" variant="default" leftSection={<IconFileSearch size={14} aria-hidden />}>
                {t.open}
              </Button>
            )}
          </FileButton>
        )}
      </div>
      {own ? <p className={classes.own}>{t.own({ name: visibleName(own.name) })}</p> : null}
      <Checkbox
        size="sm"
        label={t.spoil}
        description={t.spoilHint}
        checked={spoil}
        onChange={(event) => onSpoil(event.currentTarget.checked)}
      />
    </div>
  );
}
