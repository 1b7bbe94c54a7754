import { engine, ident, type Tables } from '@millrace/tables';
import type { Parent } from './cleaning/duplicates.js';
import { type ExpectationResult, judge, type Whole } from './cleaning/expectation.js';
import { wholeFigures } from './cleaning/whole-rules.js';
import type { Contract } from './contract.js';
import { errors } from './errors.js';
import type { Profile } from './profiling/merge-profiles.js';
import { brokenCounts } from './settle-rows.js';

/** Rows that stay, with what is known of them. */
export interface KeptRows {
  readonly relation: string;
  /** What they stand beside in the version. */
  readonly parent: Parent | undefined;
  readonly profile: Profile;
  /** Rows that broke each of the quarantining rules, by name. */
  readonly broken: ReadonlyMap<string, number>;
  /** When the run was asked for, in milliseconds. */
  readonly now: number;
}

/** Judges the expectations of a contract, and finds the range of the event time, in microseconds; throws EXPECTATION_FAILED where one fails the run. */
export async function judgeKept(tables: Tables, contract: Contract, { relation, parent, profile, broken, now }: KeptRows): Promise<{ readonly expectations: readonly ExpectationResult[]; readonly eventTimeMin: bigint | undefined; readonly eventTimeMax: bigint | undefined }> {
  const found = await countKept(tables, contract, relation);
  const missing = new Map(profile.columns.map(({ column, missing: cells }) => [column, cells]));
  const whole = { kept: profile.rows, missing: (column: string) => missing.get(column) ?? 0, now, ...(await wholeFigures(tables, contract, { relation, parent })) };
  return { expectations: judgeAll(contract, new Map([...broken, ...found.broken]), whole), eventTimeMin: found.low, eventTimeMax: found.high };
}

/** The range of the event time of some rows, in microseconds. */
export async function eventTimesOf(tables: Tables, { eventTime }: Contract, relation: string): Promise<{ readonly low: bigint | undefined; readonly high: bigint | undefined }> {
  if (eventTime === '') return { low: undefined, high: undefined };
  const [found] = await tables.rows<{ low: bigint | undefined; high: bigint | undefined }>(`SELECT ${timesSql(eventTime)} FROM ${relation}`);
  return { low: found?.low, high: found?.high };
}

const timesSql = (column: string): string => `min(${engine.micros(ident(column))}) AS low, max(${engine.micros(ident(column))}) AS high`;

/** Of the rows that stay: how many break each of the other rules, and the range of their event time. */
async function countKept(tables: Tables, contract: Contract, relation: string): Promise<{ low: bigint | undefined; high: bigint | undefined; broken: ReadonlyMap<string, number> }> {
  const { sql, read } = brokenCounts(contract, ({ severity }) => severity !== 'QUARANTINE');
  const time = contract.eventTime === '' ? [] : [timesSql(contract.eventTime)];
  if (time.length + sql.length === 0) return { low: undefined, high: undefined, broken: new Map() };
  const [found = {}] = await tables.rows<Record<string, bigint | undefined>>(`SELECT ${[...time, ...sql].join(', ')} FROM ${relation}`);
  return { low: found['low'], high: found['high'], broken: read(found) };
}

function judgeAll(contract: Contract, broken: ReadonlyMap<string, number>, whole: Whole): readonly ExpectationResult[] {
  const results = contract.expectations.map((expectation) => judge(expectation, broken.get(expectation.name) ?? 0, whole));
  contract.expectations.forEach((expectation, i) => {
    const result = results[i];
    if (expectation.severity === 'FAIL' && result && !result.met) throw errors.EXPECTATION_FAILED({ name: expectation.name, observed: result.observed });
  });
  return results;
}
