import { CopyButton } from '@/components/copyable';
import { audit } from '@/locales';

import classes from './proof.module.css';

const t = audit.proof.outside;
const COMMAND = 'python -m audit.verifier proof PROOF --key KEYS';

/** How to check the same where nothing of the platform is trusted. */
export function Outside() {
  return (
    <div className={classes.outside}>
      <h3 className={classes.heading}>{t.title}</h3>
      <p>{t.text}</p>
      <div className={classes.command}>
        <code>{COMMAND}</code>
        <CopyButton text={COMMAND} name={t.copy} />
      </div>
    </div>
  );
}
