import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openInstance } from './instance.js';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'millrace-instance-'))));
afterEach(() => rmSync(dir, { recursive: true }));

it('is named by its data directory, whenever it is started', () => {
  const first = openInstance(dir);
  first.close();
  const second = openInstance(dir);
  second.close();
  expect(second.id).toBe(first.id);
});

it('refuses a data directory in which another process works, and says what to do', () => {
  const first = openInstance(dir);
  expect(() => openInstance(dir)).toThrow(expect.objectContaining({ reason: 'DATA_DIR_IN_USE', message: expect.stringContaining('MILLRACE_DATA_DIR') as string }) as Error);
  first.close();
  openInstance(dir).close();
});
