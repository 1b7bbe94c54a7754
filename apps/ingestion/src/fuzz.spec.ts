import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@millrace/core';
import { openLocalObjects } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkContract, type Contract } from './contract.js';
import { ingest } from './ingest.js';
import { contractFor, FUZZ_SEED, fuzzRuns, type Sheet, sheet, write } from './random-files.fixture.js';
import type { TableObject } from './table-object.js';

const RUNS = fuzzRuns(300);
const SPEC_MS = 60_000 + RUNS * 1_000;

let directory: string;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'millrace-fuzz-'))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const rowsOf = (object: TableObject | undefined): number => object?.rows ?? 0;

it(`makes of ${RUNS} random tables and contracts a version whose counts add up, or one sentence that says why not`, async () => {
  const objects = await openLocalObjects(join(directory, 'objects'));
  const seen = { versions: 0, refused: new Map<string, number>() };
  let files = 0;
  const attempt = async (given: Sheet, contract: Contract): Promise<void> => {
    const path = join(directory, `f${++files}`);
    const { text, records } = write(given);
    writeFileSync(path, text);
    await using tables = await openTables({ objects, memoryLimit: '512MB', threads: 1, allow: [path] });
    try {
      if (contract.columns.length > 0) checkContract(contract);
      const { counts, object, quarantine, duplicates, ledger, profile } = await ingest({ source: { path, format: given.format, timeFilter: undefined }, contract, parent: undefined, backfill: false, cursor: undefined, now: 0, s3: { region: '' } }, { tables, objects, directory, signal: new AbortController().signal, progress: () => undefined });
      expect(counts.read).toBe(records);
      expect(counts.kept + counts.duplicates + counts.quarantined).toBe(records);
      expect([rowsOf(object), rowsOf(quarantine)]).toEqual([counts.kept, counts.quarantined]);
      expect(rowsOf(duplicates)).toBe(counts.kept === 0 ? 0 : counts.duplicates);
      const [lines] = ledger ? await tables.rows<{ changed: bigint }>(`SELECT count(*) FILTER (action <> 'SET_ASIDE') AS changed FROM ${await tables.scan([ledger.digest])}`) : [{ changed: 0n }];
      expect(Number(lines?.changed)).toBe(counts.cellsRepaired);
      for (const { missing, histogram, topComplete, top } of profile.columns) {
        if (histogram) expect(histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(counts.kept - missing);
        if (topComplete) expect(top.reduce((sum, { count }) => sum + count, 0)).toBe(counts.kept - missing);
      }
      seen.versions++;
    } catch (error) {
      if (!(error instanceof AppError) || error.domain !== 'ingestion.millrace' || error.code === 'INTERNAL') throw error;
      expect(error.message, error.reason).not.toMatch(/undefined|\{\w+\}|\.\./);
      seen.refused.set(error.reason, (seen.refused.get(error.reason) ?? 0) + 1);
    } finally {
      rmSync(path);
    }
  };
  await fc.assert(fc.asyncProperty(sheet.chain((given) => fc.tuple(fc.constant(given), contractFor(given))), ([given, contract]) => attempt(given, contract)), { numRuns: RUNS, seed: FUZZ_SEED, endOnFailure: RUNS > 1_000 });
  // It must not be that nearly all is refused.
  expect(seen.versions, JSON.stringify([...seen.refused])).toBeGreaterThan(RUNS / 5);
  if (RUNS > 300) process.stdout.write(`${seen.versions} versions, refused: ${[...seen.refused].map(([reason, count]) => `${reason} ${count}`).join(', ')}\n`);
}, SPEC_MS);
