import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { clsx } from 'clsx';
import { useId, useState, type ReactNode } from 'react';

import { Copyable } from '@/components/copyable';
import { StateBadge, Tag } from '@/components/state-badge';
import { RelativeTime } from '@/components/time';
import type { Run } from '@/lib/api';
import { bytes, duration } from '@/lib/format';
import { run as t } from '@/locales';

import { visibleName } from '@/lib/visible';
import { decisionLook } from './decision-look';
import classes from './facts.module.css';
import { sandboxFacts } from './sandbox';

/** What was asked, what policy decided, and what serves the run. */
export function Facts({ run }: { run: Run }) {
  return (
    <div className={classes.facts}>
      <Decision run={run} />
      <Inputs run={run} />
      <Limits run={run} />
      <Sandbox run={run} />
    </div>
  );
}

function Decision({ run: { decision, requested_by: by, id: runId } }: { run: Run }) {
  const { outcome, revision, reasons, id } = decision;
  const known = outcome === 'allow' || outcome === 'review' || outcome === 'deny' ? outcome : null;
  return (
    <Fold
      title={t.facts.decision}
      summary={known ? <StateBadge look={decisionLook[known]} word={t.outcomes[known]} size="sm" /> : outcome}
      opened
    >
      {reasons.length ? (
        <ul className={classes.reasons}>
          {reasons.map(({ code, message, remedy }, at) => (
            <li key={at}>
              <p>{message}</p>
              {remedy ? <p className={classes.muted}>{remedy}</p> : null}
              <code className={classes.code}>{code}</code>
            </li>
          ))}
        </ul>
      ) : (
        <p className={classes.muted}>{known === 'allow' ? t.facts.noReasons : t.facts.notDecided}</p>
      )}
      <List>
        <Row name={t.facts.runId}>
          <Copyable text={runId} name={t.header.id} />
        </Row>
        <Row name={t.facts.revision}>{revision ? <Copyable text={revision} name={t.facts.revision} /> : '–'}</Row>
        {id ? (
          <Row name={t.facts.record}>
            <Copyable text={id} name={t.facts.record} />
          </Row>
        ) : null}
        <Row name={t.facts.askedBy}>{t.facts.callers[by]}</Row>
      </List>
    </Fold>
  );
}

function Inputs({ run: { files, packages, closure, connectors } }: { run: Run }) {
  const n = files.length + packages.length + connectors.length;
  return (
    <Fold title={t.facts.inputs} summary={n ? String(n) : t.facts.none} opened={files.length > 0}>
      {files.map((file) => (
        <div key={file.id} className={classes.file}>
          <bdi className={classes.name} title={visibleName(file.name)}>
            {visibleName(file.name)}
          </bdi>
          <span className={classes.muted}>{bytes(file.size)}</span>
        </div>
      ))}
      {packages.length || connectors.length ? (
        <List>
          {packages.length ? (
            <Row name={t.facts.packages}>
              <Long items={packages.map(visibleName)} />
            </Row>
          ) : null}
          {closure.length > packages.length ? (
            <Row name={t.facts.closure}>
              <Long items={closure.map(visibleName)} />
            </Row>
          ) : null}
          {connectors.length ? <Row name={t.facts.connectors}>{connectors.map(visibleName).join(', ')}</Row> : null}
        </List>
      ) : null}
      {n ? null : <p className={classes.muted}>{t.facts.noInputs}</p>}
    </Fold>
  );
}

function Limits({ run: { limits } }: { run: Run }) {
  return (
    <Fold title={t.facts.limits} summary="">
      <List>
        {Object.entries(limits).map(([name, value]) => (
          <Row key={name} name={name in t.limits ? t.limits[name as keyof typeof t.limits] : visibleName(name)}>
            {quantity(name, value)}
          </Row>
        ))}
      </List>
    </Fold>
  );
}

function Sandbox({ run: { sandbox, environment } }: { run: Run }) {
  const facts = sandboxFacts(sandbox);
  return (
    <Fold title={t.facts.sandbox} summary={environment.name} opened={facts !== null}>
      <List>
        <Row name={t.facts.image}>
          <Copyable text={facts?.imageDigest ?? environment.digest} name={t.facts.image} />
        </Row>
        {facts ? (
          <>
            {facts.gvisor ? <Row name={t.facts.gvisor}>{facts.gvisor}</Row> : null}
            {facts.probe ? (
              <Row name={t.facts.probe}>
                {t.facts.probed({ n: facts.probe.checks ?? 0 })}
                {facts.probe.milliseconds === null ? null : ` · ${duration(facts.probe.milliseconds / 1000)}`}
              </Row>
            ) : null}
            {facts.warm === null ? null : <Row name={t.facts.start}>{facts.warm ? t.facts.warm : t.facts.cold}</Row>}
            <Row name={t.facts.enforced}>
              {facts.notEnforced.length ? (
                <span className={classes.tags}>
                  {facts.notEnforced.map((name) => (
                    <Tag key={name} tone="wait">
                      {t.facts.notHeld({ name: limitName(name) })}
                    </Tag>
                  ))}
                </span>
              ) : (
                t.facts.allEnforced({ n: facts.enforced.length })
              )}
            </Row>
          </>
        ) : null}
      </List>
      {facts ? null : <p className={classes.muted}>{t.facts.noSandbox}</p>}
    </Fold>
  );
}

interface FoldProps {
  title: string;
  summary: ReactNode;
  opened?: boolean;
  children: ReactNode;
}

function Fold({ title, summary, opened = false, children }: FoldProps) {
  const [open, setOpen] = useState(opened);
  const body = useId();
  return (
    <section className={classes.fold}>
      <h2 className={classes.title}>
        <UnstyledButton
          className={classes.toggle}
          aria-expanded={open}
          aria-controls={body}
          onClick={() => setOpen(!open)}
        >
          <IconChevronRight size={14} className={clsx(classes.chevron, open && classes.open)} aria-hidden />
          {title}
          <span className={classes.summary}>{summary}</span>
        </UnstyledButton>
      </h2>
      <div id={body} hidden={!open} className={classes.body}>
        {children}
      </div>
    </section>
  );
}

function List({ children }: { children: ReactNode }) {
  return <dl className={classes.list}>{children}</dl>;
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={classes.row}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Long({ items }: { items: readonly string[] }) {
  const [all, setAll] = useState(false);
  const shown = all ? items : items.slice(0, 6);
  return (
    <>
      {shown.join(', ')}
      {items.length > shown.length ? (
        <UnstyledButton className={classes.more} onClick={() => setAll(true)}>
          {t.facts.andMore({ n: items.length - shown.length })}
        </UnstyledButton>
      ) : null}
    </>
  );
}

function limitName(name: string): string {
  return name in t.limits ? t.limits[name as keyof typeof t.limits] : visibleName(name);
}

function quantity(name: string, value: number): string {
  if (name.endsWith('_bytes')) return bytes(value);
  if (name.endsWith('_seconds')) return duration(value);
  return String(value);
}

/** When the run was asked for, and when it began and ended. */
export function Times({ run: { created_at: created, ended_at: ended } }: { run: Run }) {
  return ended ? (
    <span>
      {t.header.ended} <RelativeTime at={ended} />
    </span>
  ) : (
    <span>
      {t.header.asked} <RelativeTime at={created} />
    </span>
  );
}
