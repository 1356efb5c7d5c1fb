import { describe, expect, it } from 'vitest';

import type { AuditEntry } from '@/lib/api';
import { audit } from '@/locales';

// What the platform says that it records.
import document from '../../../../docs/openapi.json';
import { eventWords } from './events';
import { notes, runOf, subjectWords } from './words';

const RUN = '9194f012-4f44-475a-bda6-1e4e7f802cbd';
const told = (facts: AuditEntry['facts']) => notes({ facts });

describe('words', () => {
  it('has them for every kind of event that the platform knows, and for no other', () => {
    const known = document.components.schemas.EventEnum.enum;
    expect(Object.keys(audit.events).sort()).toEqual([...known].sort());
  });

  it('calls a kind that it does not know by its own name', () => {
    expect(eventWords('runs:run:denied')).toBe('Run denied');
    expect(eventWords('reviews:vote:put_in')).toBe('Vote put in');
    expect(eventWords('constructor')).toBe('constructor');
  });

  it('says on what something was done', () => {
    expect(subjectWords(`run:${RUN}`)).toBe('run 9194f012…');
    expect(subjectWords(`run:${RUN}/execution:12`)).toBe('cell 12 of run 9194f012…');
    expect(subjectWords(`person:${'9f'.repeat(32)}`)).toBe('person 9f9f9f9f…');
    expect(subjectWords('action:runs.actions.asking.request_run')).toBe('action runs.actions.asking.request_run');
    expect(subjectWords('new_kind:x\u202e')).toBe('new kind x‹U+202E›');
    expect(subjectWords('alone')).toBe('alone');
  });

  it('knows the run of an entry', () => {
    expect(runOf({ subject: `run:${RUN}` })).toBe(RUN);
    expect(runOf({ subject: `run:${RUN}/execution:1` })).toBe(RUN);
    expect(runOf({ subject: `run:${RUN}0` })).toBeNull();
    expect(runOf({ subject: `rerun:${RUN}` })).toBeNull();
  });

  it('tells the few facts that tell most', () => {
    expect(told({ code: 'a', reasons: ['a'], role: 'auditor', size: 2048, bytes: 1 })).toEqual([
      'a',
      'auditor',
      '2 KB',
    ]);
    expect(told({ environment: `sha256:${'0'.repeat(64)}`, packages: ['x'], model: '' })).toEqual(['1 package']);
    expect(told({ packages: 3, audience: 'model', wall_milliseconds: 1700 })).toEqual([
      'to model',
      '3 packages',
      '1.7 s',
    ]);
    expect(told({})).toEqual([]);
  });
});
