import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalObjects } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ColumnContract } from './column-contract.js';
import { ingest } from './ingest.js';

/** More than one buffer of the reader, so that threads share each file. */
const ROWS = 400_000;
const FILES = 3;
/** Records with a cell too many, one in so many. */
const BROKEN = 9_973;
const UNREADABLE = 7_919;

let directory: string;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'millrace-order-'))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const column = (name: string, type: ColumnContract['type']): ColumnContract => ({ name, type, required: false, sourceName: name, missingTexts: [], badCell: 'QUARANTINE', format: '' });

it('numbers the records of files that are read only once as they stand there, whatever threads read them and whatever cannot be read', async () => {
  const source = join(directory, 'source');
  mkdirSync(source);
  for (let file = 0; file < FILES; file++) {
    const lines = Array.from({ length: ROWS }, (_, i) => (file !== 1 && i % BROKEN === 0 ? `${i + 1},x,too many` : `${i % UNREADABLE === 0 ? 'odd' : i + 1},file ${file} of a few more letters`));
    writeFileSync(join(source, `${file}.csv`), `n,text\n${lines.join('\n')}\n`);
  }
  const objects = await openLocalObjects(join(directory, 'objects'));
  await using tables = await openTables({ objects, threads: 2, memoryLimit: '512MB', allow: [source] });
  const contract = { columns: [column('n', 'INT64'), column('text', 'STRING')], key: [], keep: 'FIRST', expectations: [], eventTime: '', extraColumns: 'DROP', maxQuarantinedShare: 0.5 } as const;
  const { object, quarantine, counts } = await ingest({ source: { path: source, format: 'CSV', timeFilter: undefined }, contract, parent: undefined, backfill: false, cursor: undefined, now: 0, s3: { region: '' } }, { tables, objects, directory, signal: new AbortController().signal, progress: () => undefined });
  expect(counts).toMatchObject({ read: ROWS * FILES, duplicates: 0 });
  // In the order of the files, and the numbers of each rise.
  const [found] = await tables.rows(`SELECT count(*) FILTER (file < before_file OR (file = before_file AND n <= before)) AS disordered, count(*) AS kept FROM (SELECT n, text AS file, lag(n) OVER () AS before, lag(text) OVER () AS before_file FROM ${await tables.scan([object?.digest ?? expect.fail()])})`);
  expect(found).toEqual({ disordered: 0n, kept: BigInt(counts.kept) });
  const set = await tables.rows<{ _file: string; _row: bigint; _reasons: string }>(`SELECT _file, _row, _reasons FROM ${await tables.scan([quarantine?.digest ?? expect.fail()])} ORDER BY _file, _row`);
  const expected = Array.from({ length: FILES }, (_, file) => Array.from({ length: ROWS }, (_row, i) => ({ file, i })).filter(({ i }) => i % UNREADABLE === 0 || (file !== 1 && i % BROKEN === 0))).flat();
  expect(set.map(({ _file, _row }) => `${_file} ${_row}`)).toEqual(expected.map(({ file, i }) => `${file}.csv ${i + 1}`));
}, 120_000);
