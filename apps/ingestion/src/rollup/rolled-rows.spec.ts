import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalObjects } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rolledRows } from './rolled-rows.js';
import type { RollupInput } from './roll-up.js';

let directory: string;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'millrace-rolled-'))));
afterAll(() => rmSync(directory, { recursive: true }));

const { signal } = new AbortController();
/** Ten million numbers of one hour. */
const MANY = 'SELECT make_timestamp(r * 100) AS at, random() AS x FROM range(10000000) t(r)';

it.each([
  ['memory', { memoryLimit: '24MB', spillLimit: '20GB' }, 'of memory that a run has'],
  ['disk', { memoryLimit: '128MB', spillLimit: '20MB' }, 'more room on the disk than a run may take'],
])('says of a rollup that needs more %s than a run has what it was, and where there is more', async (_, limits, why) => {
  const objects = await openLocalObjects(join(directory, 'objects'));
  const roomy = await openTables({ objects, threads: 1 });
  const { ref, rows } = await roomy.writeParquet(MANY, { signal });
  await roomy.close();
  const tables = await openTables({ objects, threads: 1, allow: [directory], tempDir: join(directory, 'spill'), ...limits });
  const finer: RollupInput = {
    rollup: { of: 'datasets/many/versions/1', by: [], every: 3_600_000_000, columns: [{ name: 'mean', fold: 'MEAN', column: 'x', share: 0 }, { name: 'different', fold: 'DISTINCT', column: 'x', share: 0 }] },
    schema: [{ name: 'at', type: 'TIMESTAMP', nullable: false }, { name: 'x', type: 'FLOAT64', nullable: false }],
    eventTime: 'at',
    objects: [{ ...ref, rows }],
    before: undefined,
  };
  const made = rolledRows(finer, { tables, directory, signal });
  await expect(made.rolledUp()).rejects.toMatchObject({ domain: 'ingestion.millrace', reason: 'SOURCE_TOO_LARGE', message: expect.stringMatching(new RegExp(`^The rollup of datasets/many/versions/1 is too large for one run: .*${why}.*raise MILLRACE_INGESTION_MEMORY or MILLRACE_INGESTION_SPILL\\.$`)) });
  expect(made.kept()).toBeUndefined();
  await tables.close();
});
