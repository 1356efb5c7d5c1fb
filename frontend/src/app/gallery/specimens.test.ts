import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

const ROOMS = ['src/components', 'src/features'];
const folders = ROOMS.flatMap((room) => readdirSync(room).map((name) => join(room, name)));

describe('the gallery', () => {
  it.each(folders)('shows what is in %s', (folder) => {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => name.endsWith('.specimens.tsx'))).not.toEqual([]);
  });
});
