import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, COLUMN_TYPES } from '@millrace/core';
import { openLocalObjects } from '@millrace/objects';
import { openTables } from '@millrace/tables';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ColumnContract } from './column-contract.js';
import { checkContract, type Contract } from './contract.js';
import type { Expectation, Rule } from './expectation-rule.js';
import { ingest } from './ingest.js';
import type { TableObject } from './table-object.js';
import type { Format } from './reading/source.js';

/** MILLRACE_FUZZ_RUNS=10000 takes its time; MILLRACE_SEED repeats a run. */
const RUNS = Number(process.env['MILLRACE_FUZZ_RUNS'] ?? 300);
const SEED = Number(process.env['MILLRACE_SEED'] ?? 20_260_405);
const SPEC_MS = 60_000 + RUNS * 1_000;

let directory: string;
beforeAll(() => void (directory = mkdtempSync(join(tmpdir(), 'millrace-fuzz-'))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const NAMES = ['a', 'A', 'b', 'id', 'select', 'order', 'group by', 'null', '_row', '_file', 'c0', 'ü', '名前', 'a b', 'a.b', 'x-y', '1st', 'or"der', "it's", 'a,b', 'a;b', '%s', '$1', '__proto__', 'constructor', '😀', '', ' '];
const CELLS = [
  '', ' ', '0', '1', '-1', '2', '1.5', '-0', '1e3', '1e400', '-1e400', '1e-400', '5e-324', '1.7976931348623157e308', '9007199254740993', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '2147483648', '170141183460469231731687303715884105728',
  '0.1234567890123456789', '1,234', '1.234,5', '1 234', '12 km', '3kg', '50%', 'NaN', 'inf', '-Infinity', 'true', 'FALSE', 'yes', 'n', 'ja', 'null', 'NULL', 'n/a', '2001-01-31', '2001-02-30', '2001-01-31T08:00:00+02:00', '31 Jan 2001', '31.01.2001',
  '0001-01-01', '294247-01-10 04:00:54.775807', 'infinity', 'x', 'ß', 'İ', '名', '😀', '\u0301', '\u202e', "'; DROP TABLE staged; --", '"', 'a\nb', 'a\r\nb', '\t', '\\', '{}', '[1]', '{"a":1}', '\u0000', '\uffff', 'é'.repeat(300),
];

interface Sheet {
  readonly format: Format;
  readonly names: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
}

const cell = fc.oneof({ arbitrary: fc.constantFrom(...CELLS), weight: 5 }, fc.integer({ min: -5, max: 5 }), fc.double(), fc.boolean(), fc.constant(null), fc.string({ unit: 'binary', maxLength: 5 }));
/** Few values a column, so that keys repeat. */
const sheet = fc
  .record({ format: fc.constantFrom<Format>('CSV', 'CSV', 'JSON_LINES', 'JSON'), names: fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 5 }), height: fc.nat({ max: 10 }), pool: fc.array(cell, { minLength: 1, maxLength: 6 }) })
  .chain(({ format, names, height, pool }) => fc.record({ format: fc.constant(format), names: fc.constant(names), rows: fc.array(fc.tuple(...names.map(() => fc.constantFrom(...pool))), { minLength: height, maxLength: height }) }));

/** What is written, and how many records it has. */
function write({ format, names, rows }: Sheet): { readonly text: string; readonly records: number } {
  if (format === 'CSV') return { text: [names, ...rows].map((cells) => `${cells.map((one) => `"${String(one ?? '').replaceAll('"', '""')}"`).join(',')}\n`).join(''), records: rows.length };
  const objects = rows.map((cells) => JSON.stringify(Object.fromEntries(names.map((name, i) => [name, cells[i]]))));
  return { text: format === 'JSON' ? `[${objects.join(',')}]` : objects.map((line) => `${line}\n`).join(''), records: rows.length };
}

const column = (sourceName: string, index: number): fc.Arbitrary<ColumnContract> =>
  fc.record({
    name: fc.constantFrom(`column ${index}`, /^[a-z][a-z0-9_ .-]*$/.test(sourceName) ? sourceName : `c ${index}`),
    type: fc.constantFrom(...COLUMN_TYPES),
    required: fc.boolean(),
    sourceName: fc.oneof({ arbitrary: fc.constant(sourceName), weight: 30 }, fc.constant('nobody')),
    missingTexts: fc.constantFrom([], ['n/a'], ['null', '0']),
    badCell: fc.constantFrom('QUARANTINE', 'QUARANTINE', 'MISSING', 'FAIL'),
    format: fc.constant(''),
  }).chain((plain) => fc.constantFrom<ColumnContract>(plain, plain, { ...plain, ...MORE[plain.type] }));

const MORE: Record<ColumnContract['type'], Partial<ColumnContract>> = {
  INT64: { numbers: { thousands: '.', decimal: ',' }, units: [{ text: 'km', factor: 1000 }, { text: 'kg', factor: 0.5 }], bits: 32 },
  FLOAT64: { numbers: { thousands: ' ', decimal: ',' }, units: [{ text: 'km', factor: 1e300 }] },
  BOOL: { words: { true: ['ja', '0'], false: ['n', '1'] } },
  TIMESTAMP: { format: '%d.%m.%Y', formats: ['%Y-%m-%d', '%d %b %Y'] },
  STRING: {},
};

const rule = (names: readonly string[]): fc.Arbitrary<Rule> =>
  fc.oneof(
    fc.record({ kind: fc.constant('range' as const), min: fc.constantFrom(-1, 0, 2 ** 53), max: fc.constantFrom(1, 1e300, 2 ** 63) }),
    fc.constant({ kind: 'accepted' as const, values: ['x', "'", '😀'] }),
    fc.constantFrom({ kind: 'pattern' as const, regex: '[a-z]*' }, { kind: 'pattern' as const, regex: '(' }),
    fc.constant({ kind: 'not-null' as const }),
    fc.constantFrom({ kind: 'row-count' as const, min: 1n }, { kind: 'row-count' as const, max: 2n }),
    fc.constant({ kind: 'missing-share' as const, max: 0.5 }),
    fc.constant({ kind: 'presence' as const, min: 0.5 }),
    fc.record({ kind: fc.constant('unique' as const), with: fc.subarray([...names], { maxLength: 1 }) }),
    fc.constant({ kind: 'freshness' as const, maxAgeMs: 1000 }),
    fc.record({ kind: fc.constant('comparison' as const), operator: fc.constantFrom('EQUAL' as const, 'LESS' as const, 'AT_LEAST' as const), other: fc.constantFrom(...names), missingBreaks: fc.boolean() }),
  );

const OPEN: Contract = { columns: [], key: [], keep: 'FIRST', expectations: [], eventTime: '', extraColumns: 'DROP', maxQuarantinedShare: 0 };
const contractFor = (given: Sheet): fc.Arbitrary<Contract> => fc.tuple(anyContract(given), fc.nat({ max: 9 })).map(([contract, chance]) => (chance === 0 ? contract : sound(contract)));
const anyContract = ({ names }: Sheet): fc.Arbitrary<Contract> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(OPEN) },
    {
      weight: 4,
      arbitrary: fc.tuple(...names.map(column)).chain((columns) => {
        const called = columns.map(({ name }) => name);
        const times = columns.filter(({ type }) => type === 'TIMESTAMP').map(({ name }) => name);
        return fc.record({
          columns: fc.constant(columns),
          key: fc.subarray(called),
          keep: fc.constantFrom<Contract['keep']>('FIRST', 'LAST', 'NONE', 'NEWEST'),
          expectations: fc.array(fc.record({ severity: fc.constantFrom<Expectation['severity']>('WARN', 'WARN', 'QUARANTINE', 'FAIL'), column: fc.constantFrom(...called), rule: rule(called) }), { maxLength: 3 }).map((list) => list.map((one, i) => ({ ...one, name: `rule ${i}` }))),
          eventTime: fc.constantFrom('', ...times),
          extraColumns: fc.constantFrom<Contract['extraColumns']>('DROP', 'FAIL'),
          maxQuarantinedShare: fc.constantFrom(0, 0, 0, 0.5),
        });
      }),
    },
  );

/** Most contracts are to be sound: rules that contradict theirs are left out, and the policy that needs a time. */
function sound(contract: Contract): Contract {
  const bare = { ...contract, expectations: [], ...(contract.keep === 'NEWEST' && contract.eventTime === '' ? { keep: 'LAST' as const } : {}) };
  return { ...bare, expectations: contract.expectations.filter((expectation) => isSound({ ...bare, expectations: [expectation] })) };
}

function isSound(contract: Contract): boolean {
  try {
    return checkContract(contract) === contract;
  } catch {
    return false;
  }
}

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
  await fc.assert(fc.asyncProperty(sheet.chain((given) => fc.tuple(fc.constant(given), contractFor(given))), ([given, contract]) => attempt(given, contract)), { numRuns: RUNS, seed: SEED, endOnFailure: RUNS > 1_000 });
  // It must not be that nearly all is refused.
  expect(seen.versions, JSON.stringify([...seen.refused])).toBeGreaterThan(RUNS / 5);
  if (RUNS > 300) process.stdout.write(`${seen.versions} versions, refused: ${[...seen.refused].map(([reason, count]) => `${reason} ${count}`).join(', ')}\n`);
}, SPEC_MS);
