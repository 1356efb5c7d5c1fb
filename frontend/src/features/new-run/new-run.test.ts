import { describe, expect, it } from 'vitest';

import type { CheckedPackage, Limit, Reason, Run } from '@/lib/api';

import { draftOf, emptyDraft, requestOf, withFile, withPackages, type Draft } from './draft';
import { keep, kept } from './keeping';
import { fieldUnit, fromField, fromPosition, shownLimit, toField, toPosition } from './limits/units';
import { judged } from './packages/judged';
import { packagesIn } from './packages/reading';
import { readable } from './readable';
import { newRunSearch } from './search';
import { stepFor } from './steps';

const GB = 1024 ** 3;
const memory: Limit = {
  name: 'memory_bytes',
  unit: 'bytes',
  title: 'Memory',
  floor: GB / 16,
  default: GB,
  ceiling: 4 * GB,
  model_ceiling: 2 * GB,
};
const disk: Limit = { ...memory, name: 'disk_bytes', title: 'Disk' };
const life: Limit = {
  ...memory,
  name: 'life_seconds',
  unit: 'seconds',
  title: 'Life',
  floor: 1,
  default: 3600,
  ceiling: 28_800,
};
const cores: Limit = {
  ...memory,
  name: 'cpu_cores',
  unit: 'cores',
  title: 'Cores',
  floor: 0.05,
  default: 1,
  ceiling: 2,
};
const limits = [memory, disk, life, cores];

const draft: Draft = {
  ...emptyDraft('p'),
  purpose: ' Why ',
  packages: ['Foo_Bar==1.0', 'humanize==4.9.0'],
  files: [
    { id: '1', name: 'a.csv', size: 10 },
    { id: '2', name: 'b.csv', size: 3 * GB },
  ],
  limits: { memory_bytes: 9 * GB },
};

describe('draft', () => {
  it('is no request while something is missing', () => {
    expect(requestOf({ ...draft, purpose: ' ' })).toBeNull();
    expect(requestOf({ ...draft, project: null })).toBeNull();
    expect(requestOf(draft)).toEqual({
      project: 'p',
      environment: 'python',
      purpose: 'Why',
      packages: ['Foo_Bar==1.0', 'humanize==4.9.0'],
      connectors: [],
      limits: { memory_bytes: 9 * GB },
      files: ['1', '2'],
    });
  });

  it('takes nothing twice', () => {
    expect(withPackages(['humanize==4.9.0', ' x==1 ', 'x==1'])(draft).packages).toEqual([...draft.packages, 'x==1']);
    expect(withFile({ id: '1', name: 'a.csv', size: 10 })(draft)).toBe(draft);
  });

  it('takes a run’s inputs, and leaves to policy what was policy’s', () => {
    const run = {
      project: 'q',
      purpose: 'Again',
      environment: { name: 'r', digest: 'd' },
      packages: ['x==1'],
      connectors: ['warehouse'],
      files: [{ id: '1', name: 'a', size: 1, sha256: '', created_at: '' }],
      limits: { memory_bytes: GB, disk_bytes: 2 * GB },
    } as unknown as Run;
    expect(draftOf(run, { memory_bytes: GB, disk_bytes: GB })).toEqual({
      project: 'q',
      purpose: 'Again',
      environment: 'r',
      packages: ['x==1'],
      connectors: ['warehouse'],
      files: [{ id: '1', name: 'a', size: 1 }],
      limits: { disk_bytes: 2 * GB },
    });
  });

  it('is kept, and what is no draft is not taken for one', () => {
    const value = { draft, from: null, unfinished: [] };
    keep(value);
    expect(kept()).toEqual(value);
    for (const text of ['{"draft":{"purpose":1}}', 'nonsense', '[]']) {
      sessionStorage.setItem('bailiwick.new-run', text);
      expect(kept()).toBeNull();
    }
  });
});

it('the address names a run by its whole id', () => {
  const id = '0b5c6a5e-1111-4222-8333-944444444444';
  expect(newRunSearch({ from: id })).toEqual({ from: id });
  expect(newRunSearch({ from: '../x' })).toEqual({ from: undefined });
});

describe('stepFor', () => {
  const known = { draft, limits, environments: ['python', 'r'] };
  const reason = (code: string, message: string, remedy = ''): Reason => ({ code, message, remedy });
  const after = (given: Reason) => {
    const step = stepFor(given, known);
    return step && [step.label, step.change?.(draft)];
  };

  it.each<[string, Reason, [string, Draft]]>([
    [
      'removes the package that is named, however it is written',
      reason('package_not_allowed', 'packages: foo-bar is not on the allowlist of project "x"'),
      ['Remove Foo_Bar==1.0', { ...draft, packages: ['humanize==4.9.0'] }],
    ],
    [
      'removes what is no pin',
      reason('package_version_not_allowed', 'packages: "humanize" is allowed from 5; version 4.9.0 is not'),
      ['Remove humanize==4.9.0', { ...draft, packages: ['Foo_Bar==1.0'] }],
    ],
    [
      'lowers a limit to its ceiling',
      reason('limit_above_ceiling', 'limits.memory_bytes: 9 is above the ceiling of 4'),
      ['Memory: lower to 4 GB', { ...draft, limits: { memory_bytes: 4 * GB } }],
    ],
    [
      'finds a limit by its title too',
      reason('limit_above_ceiling', 'Memory: 9 GB is above the ceiling of 4 GB'),
      ['Memory: lower to 4 GB', { ...draft, limits: { memory_bytes: 4 * GB } }],
    ],
    [
      'makes room for the files',
      reason('files_exceed_disk', 'files: together larger than limits.disk_bytes'),
      ['Disk: raise to 4 GB', { ...draft, limits: { memory_bytes: 9 * GB, disk_bytes: 4 * GB } }],
    ],
    [
      'removes the later of two files of one name',
      reason('file_name_twice', "files: two are named 'b.csv', and one would replace the other."),
      ['Remove b.csv', { ...draft, files: [{ id: '1', name: 'a.csv', size: 10 }] }],
    ],
    [
      'removes a file by its place',
      reason('file_too_large', 'files[1]: not a size from 0 to 5 bytes'),
      ['Remove b.csv', { ...draft, files: [{ id: '1', name: 'a.csv', size: 10 }] }],
    ],
    [
      'takes an environment that is allowed',
      reason('environment_not_allowed', 'environment: "python" is not one', 'Use one of: r.'),
      ['Use “r”', { ...draft, environment: 'r' }],
    ],
  ])('%s', (_, given, expected) => expect(after(given)).toEqual(expected));

  it('leads to the field where only the person knows', () => {
    expect(stepFor(reason('purpose_missing', 'purpose: says nothing'), known)).toMatchObject({
      change: null,
      field: 'purpose',
    });
  });

  it.each(['role_not_allowed', 'constructor', '__proto__'])('has no button for %s', (code) => {
    expect(stepFor(reason(code, 'no'), known)).toBeNull();
  });

  it('does not guess which package pulled another in', () => {
    expect(
      stepFor(reason('package_not_allowed', 'packages: "six", which another package needs, is denied'), known),
    ).toBeNull();
  });
});

describe('readable', () => {
  it('says limits in their units', () => {
    const given = {
      code: 'limit_above_ceiling',
      message: 'limits.memory_bytes: 9437184000 is above the ceiling of 4294967296',
      remedy: 'Ask for 4294967296 or less, or for an exception.',
    };
    expect(readable(given, limits)).toEqual({
      code: 'limit_above_ceiling',
      message: 'Memory: 8.79 GB is above the ceiling of 4 GB',
      remedy: 'Ask for 4 GB or less, or for an exception.',
    });
  });

  it('names limits by their titles elsewhere, and leaves figures alone', () => {
    const given = { code: 'x', message: 'files: 3 are larger than limits.disk_bytes', remedy: '' };
    expect(readable(given, limits).message).toBe('files: 3 are larger than “Disk”');
  });
});

describe('limits', () => {
  it.each([
    [memory, 1.5 * GB, '1.5 GB', 1536],
    [life, 5400, '1 h 30 min', 90],
    [cores, 1, '1 core', 1],
    [cores, 0.5, '0.5 cores', 0.5],
  ] as const)('%o at %d is %s and is typed as %d', (limit, value, text, typed) => {
    expect(shownLimit(limit, value)).toBe(text);
    expect(toField(limit, value)).toBe(typed);
    expect(fromField(limit, typed)).toBe(value);
  });

  it('the unit of one core is one core', () => {
    expect([fieldUnit(cores, 1).suffix, fieldUnit(cores, 2).suffix]).toEqual(['core', 'cores']);
  });

  it.each(limits.map((limit) => [limit.title, limit] as const))(
    'a slider of %s goes from floor to ceiling',
    (_, limit) => {
      const values = Array.from({ length: 101 }, (_each, position) => fromPosition(limit, position));
      expect([values[0], values[100]]).toEqual([limit.floor, limit.ceiling]);
      expect(values).toEqual([...values].sort((a, b) => a - b));
      expect(toPosition(limit, limit.ceiling * 3)).toBe(100);
      expect(values.every((value) => value >= limit.floor && value <= limit.ceiling)).toBe(true);
    },
  );
});

describe('packages', () => {
  it('reads a requirements file', () => {
    const text =
      '# mine\n--index-url https://x\nhumanize == 4.9.0  # numbers\nftfy==6.1.1; python_version > "3"\n a==1, b==2 c==3\n';
    expect(packagesIn(text)).toEqual(['humanize==4.9.0', 'ftfy==6.1.1', 'a==1', 'b==2', 'c==3']);
  });

  const checked = (changes: Partial<CheckedPackage>): CheckedPackage => ({
    asked: 'x==1',
    name: 'x',
    version: '1',
    outcome: 'deny',
    reasons: [],
    image_version: null,
    ...changes,
  });
  const reason = (code: string): Reason => ({ code, message: `packages: ${code} it is`, remedy: `${code}, mended` });

  it.each<[string, Partial<CheckedPackage>, object]>([
    ['allowed', { outcome: 'allow' }, { tone: 'good', exception: false }],
    ['there anyway', { outcome: 'allow', image_version: '1' }, { tone: 'quiet' }],
    ['for a reviewer', { outcome: 'review', reasons: [reason('package_needs_review')] }, { tone: 'wait' }],
    [
      'refused',
      { reasons: [reason('package_not_allowed')] },
      { tone: 'refusal', exception: true, long: 'Package_not_allowed it is', remedy: 'package_not_allowed, mended' },
    ],
    [
      'without a version, with those that may be',
      { reasons: [reason('package_version_not_allowed'), reason('package_not_pinned')] },
      {
        tone: 'wait',
        exception: false,
        long: 'Package_not_pinned it is',
        remedy: 'package_version_not_allowed, mended',
      },
    ],
    [
      'without a version and refused in any',
      { reasons: [reason('package_not_allowed'), reason('package_not_pinned')] },
      { tone: 'refusal', exception: true, long: 'Package_not_allowed it is' },
    ],
  ])('%s', (_, changes, expected) => expect(judged(checked(changes))).toMatchObject(expected));
});
