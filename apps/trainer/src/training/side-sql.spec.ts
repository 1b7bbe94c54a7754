import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Schema } from '@millrace/core';
import { openLocalObjects } from '@millrace/objects';
import { openTables, type Tables } from '@millrace/tables';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Split } from '../split.js';
import { type Part, sideSql } from './side-sql.js';

const SCHEMA: Schema = [
  { name: 'at', type: 'TIMESTAMP', nullable: false },
  { name: 'patient', type: 'INT64', nullable: true },
  { name: 'x', type: 'FLOAT64', nullable: true },
];
/** Visits of 400 patients on 40 days; some visits are of nobody, and the last 1,000 are there twice. */
const VISITS = `SELECT TIMESTAMP '2001-01-01' + INTERVAL (i % 40) DAY AS "at", CASE WHEN i % 97 <> 0 THEN hash(i, 5) % 400 END AS patient, i / 7.0 AS x FROM (SELECT range AS i FROM range(20000) UNION ALL SELECT range AS i FROM range(19000, 20000))`;
const END = BigInt(Date.UTC(2002, 0)) * 1000n;

let directory: string;
let one: Tables;
let two: Tables;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-sides-'));
  const objects = await openLocalObjects(directory);
  [one, two] = [await openTables({ objects, threads: 1 }), await openTables({ objects, threads: 2 })];
  for (const tables of [one, two]) await tables.run(`CREATE TABLE visits AS ${VISITS}`);
});
afterAll(async () => {
  await one.close();
  await two.close();
  rmSync(directory, { recursive: true });
});

interface Visit {
  readonly patient: string;
  readonly x: number;
}

const side = (split: Split, part: Part, tables = two): Promise<readonly Visit[]> =>
  tables.rows<{ patient: string; x: number }>(`SELECT coalesce(patient::VARCHAR, '') AS patient, x FROM visits WHERE ${sideSql({ split, schema: SCHEMA, eventTime: 'at' }, part)} ORDER BY x, patient`);
const shared = <T>(one: ReadonlySet<T>, other: ReadonlySet<T>): readonly T[] => [...one].filter((each) => other.has(each));
const patientsOf = (visits: readonly Visit[]): ReadonlySet<string> => new Set(visits.map(({ patient }) => patient));

it('keeps all rows of a group on one side, loses none, and draws about the share of the groups', async () => {
  const split: Split = { by: 'group', column: 'patient', share: 0.2, seed: 7, to: END };
  const [training, evaluation] = [await side(split, 'training'), await side(split, 'evaluation')];
  expect(training.length + evaluation.length).toBe(21_000);
  expect(shared(patientsOf(training), patientsOf(evaluation))).toEqual([]);
  expect(patientsOf(evaluation).size / 401).toBeGreaterThan(0.14);
  expect(patientsOf(evaluation).size / 401).toBeLessThan(0.26);
  expect(await side(split, 'evaluation', one), 'on one thread as on two').toEqual(evaluation);
  expect(patientsOf(await side({ ...split, seed: 8 }, 'evaluation'))).not.toEqual(patientsOf(evaluation));
});

it('draws by the hash that it states, which any program can compute', async () => {
  const evaluates = (patient: string) => Number(BigInt(`0x${createHash('md5').update(`7:${patient}`).digest('hex').slice(0, 13)}`)) / 2 ** 52 < 0.2;
  const split: Split = { by: 'group', column: 'patient', share: 0.2, seed: 7, to: END };
  const expected = [...Array.from({ length: 400 }, (_, i) => String(i)), ''].filter(evaluates);
  expect(patientsOf(await side(split, 'evaluation'))).toEqual(new Set(expected));
});

it('draws rows at random so that equal ones stand on one side, and rows by time as they lie', async () => {
  const random: Split = { by: 'random', column: '', share: 0.3, seed: 7, to: END };
  const [training, evaluation] = [await side(random, 'training'), await side(random, 'evaluation')];
  const rows = (visits: readonly Visit[]) => new Set(visits.map(({ x }) => x));
  expect(training.length + evaluation.length).toBe(21_000);
  expect(shared(rows(training), rows(evaluation))).toEqual([]);
  expect(evaluation.length / 21_000).toBeGreaterThan(0.28);
  expect(evaluation.length / 21_000).toBeLessThan(0.32);
  expect(shared(patientsOf(training), patientsOf(evaluation)).length, 'which is why groups must be named').toBeGreaterThan(300);

  const micros = (day: number) => BigInt(Date.UTC(2001, 0, day)) * 1000n;
  const time: Split = { trainFrom: micros(11), trainTo: micros(31), evaluateFrom: micros(31), evaluateTo: micros(41) };
  expect([(await side(time, 'training')).length, (await side(time, 'evaluation')).length]).toEqual([10_500, 5_250]);
});

it('counts rows from the time that it is told, on both sides', async () => {
  const split: Split = { by: 'group', column: 'patient', share: 0.2, seed: 7, from: BigInt(Date.UTC(2001, 0, 21)) * 1000n, to: END };
  expect((await side(split, 'training')).length + (await side(split, 'evaluation')).length).toBe(10_500);
});
