import { basename } from 'node:path';
import type { Column } from '@millrace/core';
import type { ObjectRef } from '@millrace/objects';
import { engine, ident, type Tables } from '@millrace/tables';
import { DISPUTED, duplicatesSql, findDuplicates, UNREPEATED } from './cleaning/duplicates.js';
import { brokenRow, type ExpectationResult, judge, type Whole } from './cleaning/expectation.js';
import { changedCells, ledgerSql } from './cleaning/ledger.js';
import { type Faults, quarantineSql, refuseBadCells, typesOf } from './cleaning/quarantine.js';
import { type Stage, stageRows } from './cleaning/stage.js';
import { refuseBadPatterns, wholeFigures } from './cleaning/whole-rules.js';
import { checkContract, type Contract } from './contract.js';
import { type Expectation, isRowRule } from './expectation-rule.js';
import { errors } from './errors.js';
import { columnOf, inferColumns } from './reading/inferred-columns.js';
import type { Profile } from './profiling/merge-profiles.js';
import { profileColumns } from './profiling/profile-columns.js';
import { openRawTable } from './reading/open-raw-table.js';
import type { RawTable } from './reading/raw-table.js';
import { placeOf, type Source, type TimeFilter } from './reading/source.js';
import type { SourceRules } from './reading/source-kind.js';
import { filesOf } from './reading/sources.js';
import { asSourceFault } from './reading/source-fault.js';
import { refuseChanged, type SourceFile } from './reading/source-files.js';

/** A Parquet object with its number of rows. */
export interface TableObject extends ObjectRef {
  readonly rows: number;
}

/** Where every input row went: read = kept + duplicates + quarantined. */
export interface RowCounts {
  readonly read: number;
  readonly kept: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly repaired: number;
  readonly cellsRepaired: number;
}

/** What is to be read. The path has been resolved against the allowed roots. */
export interface IngestArgument {
  readonly source: Source;
  readonly contract: Contract;
  /** What is appended to; undefined where the new rows stand alone. */
  readonly parent: Base | undefined;
  /** When the run was asked for, in milliseconds: freshness is judged by it. */
  readonly now: number;
  /** Where buckets of sources are. */
  readonly s3: SourceRules['s3'];
}

/** The version that a run appends to. */
export interface Base {
  /** Its resource name. */
  readonly version: string;
  readonly schema: readonly Column[];
  readonly objects: readonly TableObject[];
}

/** What came of a run that did not fail. */
export interface IngestResult {
  /** The contract with its columns, inferred where it named none. */
  readonly contract: Contract;
  readonly schema: readonly Column[];
  /** New rows; undefined when none was kept. */
  readonly object: TableObject | undefined;
  readonly counts: RowCounts;
  readonly quarantine: TableObject | undefined;
  readonly ledger: TableObject | undefined;
  /** Dropped rows with the row that stays. */
  readonly duplicates: TableObject | undefined;
  /** Of the new rows. */
  readonly profile: Profile;
  readonly expectations: readonly ExpectationResult[];
  /** Of the new rows, in microseconds. */
  readonly eventTimeMin: bigint | undefined;
  readonly eventTimeMax: bigint | undefined;
}

export interface IngestOptions {
  readonly tables: Tables;
  /** An empty folder that the tables may read, for what does not lie on this machine. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly progress: (step: string, done: number) => void;
}

const STEPS = 6;
export const INGEST_STEPS = STEPS;

/** Reads a source through its contract: one pass to typed rows, faults and duplicates set aside, the rest as one Parquet object. */
export async function ingest({ source, contract: given, parent: base, now, s3 }: IngestArgument, { tables, directory, signal, progress }: IngestOptions): Promise<IngestResult> {
  progress('read', 0);
  await refuseBadPatterns(tables, given);
  const files = await filesOf(source, { directory, s3, signal, largest: (column) => largestOf(tables, base, given.columns.find(({ sourceName }) => sourceName === column)?.name ?? column) });
  const { contract, raws, stage } = await read(tables, files, { given, base, timeFilter: source.timeFilter, signal });
  progress('check', 1);
  await refuseBadCells(tables, raws, { contract, stage });
  const { faults } = stage;
  const good = `(SELECT * FROM ${stage.table} WHERE NOT (${faults.any}))`;
  const parent = base === undefined || base.objects.length === 0 ? undefined : { relation: await tables.scan(base.objects.map(({ digest }) => digest)) };
  progress('find duplicates', 2);
  const { dropped, disputed } = await findDuplicates(tables, contract, { stage, good, parent, signal });
  const kept = `(SELECT * FROM ${good} WHERE ${UNREPEATED})`;
  progress('write', 3);
  const columns = contract.columns.map(({ name }) => ident(name)).join(', ');
  // Sorted, also where the stage lies in this order already: only then do the bytes not depend on how threads have filled it.
  const written = await write(tables, `SELECT ${columns} FROM ${kept} ORDER BY _file, _row`, signal);
  const rejects = raws.reduce((sum, raw) => sum + (raw.rejects?.count ?? 0), 0);
  const staged = await countStaged(tables, contract, stage);
  const quarantined = staged.faulty + rejects + disputed;
  const counts = { read: staged.rows + rejects, kept: written?.rows ?? 0, duplicates: dropped, quarantined, ...(await mended(tables, contract, { stage, kept })) };
  checkCounts(counts, source);
  const quarantine = quarantined === 0 ? undefined : await write(tables, quarantineSql(contract, { stage, raws, faults: disputed === 0 ? faults : withDisputed(faults, contract) }), signal);
  await checkShare(tables, { contract, counts, quarantine });
  const ledgerQuery = counts.cellsRepaired === 0 && staged.faulty === 0 ? undefined : ledgerSql(contract, { stage, raws, kept });
  const ledger = ledgerQuery === undefined ? undefined : await write(tables, ledgerQuery, signal);
  // A run that adds nothing makes no version that could name them.
  const duplicates = dropped === 0 || written === undefined ? undefined : await write(tables, duplicatesSql(contract, { stage, raws, parent: base?.version ?? '' }), signal);
  progress('profile', 4);
  // The kept rows lie in Parquet now; reading them there is cheaper than filtering the stage again.
  const relation = written === undefined ? `(SELECT ${columns} FROM ${stage.table} LIMIT 0)` : await tables.scan([written.digest]);
  const profile = await profileColumns(tables, relation, { columns: contract.columns, rows: counts.kept, signal });
  progress('expectations', 5);
  const found = await countKept(tables, contract, relation);
  const missing = new Map(profile.columns.map(({ column, missing: cells }) => [column, cells]));
  const whole = { kept: counts.kept, missing: (column: string) => missing.get(column) ?? 0, now, ...(await wholeFigures(tables, contract, { relation, parent })) };
  const expectations = judgeAll(contract, new Map([...staged.broken, ...found.broken]), whole);
  progress('done', STEPS);
  return {
    contract,
    schema: contract.columns.map(({ name, type, required }) => ({ name, type, nullable: !required })),
    object: written,
    counts,
    quarantine,
    ledger,
    duplicates,
    profile,
    expectations,
    eventTimeMin: found.low,
    eventTimeMax: found.high,
  };
}

/** Everything that touches the files of the source; what goes wrong with one of them is told of that file. */
async function read(tables: Tables, files: readonly SourceFile[], { given, base, timeFilter, signal }: { given: Contract; base: Base | undefined; timeFilter: TimeFilter | undefined; signal: AbortSignal }): Promise<{ contract: Contract; raws: readonly RawTable[]; stage: Stage }> {
  const raws: RawTable[] = [];
  for (const [index, file] of files.entries()) raws.push(await openRawTable(tables, file, index));
  try {
    const contract = await completeContract(tables, given, { raws, base });
    const stage = await stageRows(tables, raws, { contract, timeFilter, signal });
    await refuseChanged(files);
    return { contract, raws, stage };
  } catch (error) {
    throw await asSourceFault(error, files);
  }
}

/** The largest value of a column of the version that is appended to, as text. */
async function largestOf(tables: Tables, base: Base | undefined, column: string): Promise<string | undefined> {
  if (base === undefined || base.objects.length === 0) return undefined;
  if (!base.schema.some(({ name }) => name === column)) throw errors.INVALID_SOURCE({ why: `incremental_column "${column}" is no column of ${base.version}` });
  const [found] = await tables.rows<{ largest: string | undefined }>(`SELECT CAST(max(${ident(column)}) AS VARCHAR) AS largest FROM ${await tables.scan(base.objects.map(({ digest }) => digest))}`);
  return found?.largest;
}

/** Columns that the contract leaves open are those of the version that is appended to, else those that the first file seems to have. */
async function completeContract(tables: Tables, given: Contract, { raws: [first], base }: { raws: readonly RawTable[]; base: Base | undefined }): Promise<Contract> {
  if (given.columns.length === 0 && base) return checkContract({ ...given, columns: base.schema.map(columnOf) });
  if (given.columns.length === 0 && first) return checkContract({ ...given, columns: await inferColumns(tables, first) });
  checkContract(given);
  if (base) refuseOtherSchema(given, base);
  return given;
}

function refuseOtherSchema({ columns }: Contract, { version, schema }: Base): void {
  for (let i = 0; i < Math.max(columns.length, schema.length); i++) {
    const [ours, theirs] = [columns[i], schema[i]].map((column) => (column ? `${column.name} ${column.type}` : 'nothing'));
    if (ours !== theirs) throw errors.SCHEMA_DIFFERS({ version, position: String(i + 1), theirs: theirs ?? '', ours: ours ?? '' });
  }
}

const withDisputed = (faults: Faults, { key }: Contract): Faults => ({
  conditions: [...faults.conditions, { when: DISPUTED, reason: `${key.length > 0 ? key.join(', ') : 'all columns'}: several rows have this key` }],
  any: `${faults.any} OR ${DISPUTED}`,
});

/** Writes a query as Parquet; undefined when it has no rows. */
async function write(tables: Tables, sql: string, signal: AbortSignal): Promise<TableObject | undefined> {
  const { ref, rows } = await tables.writeParquet(sql, { signal });
  return rows === 0 ? undefined : { ...ref, rows };
}

async function mended(tables: Tables, contract: Contract, { stage, kept }: { stage: Stage; kept: string }): Promise<{ repaired: number; cellsRepaired: number }> {
  const flags = changedCells(contract, stage);
  if (flags.length === 0) return { repaired: 0, cellsRepaired: 0 };
  const [sums] = await tables.rows<{ repaired: bigint; cells: bigint }>(`SELECT count(*) FILTER (${flags.join(' OR ')}) AS repaired, CAST(coalesce(sum(${flags.map((flag) => `CAST(${flag} AS INTEGER)`).join(' + ')}), 0) AS BIGINT) AS cells FROM ${kept}`);
  return { repaired: Number(sums?.repaired ?? 0n), cellsRepaired: Number(sums?.cells ?? 0n) };
}

function checkCounts({ read, kept, duplicates, quarantined }: RowCounts, source: Source): void {
  const { timeFilter } = source;
  if (read === 0) throw errors.SOURCE_EMPTY({ file: basename(placeOf(source)), why: timeFilter === undefined ? 'it has a header but no rows' : 'it has no rows in the range of time asked for' });
  if (read !== kept + duplicates + quarantined) throw errors.COUNTS_DO_NOT_ADD_UP({ read: String(read), kept: String(kept), duplicates: String(duplicates), quarantined: String(quarantined) });
}

async function checkShare(tables: Tables, { contract, counts, quarantine }: { contract: Contract; counts: RowCounts; quarantine: TableObject | undefined }): Promise<void> {
  const limit = contract.maxQuarantinedShare;
  if (limit === 0 || quarantine === undefined || counts.quarantined / counts.read <= limit) return;
  const [first] = await tables.rows<{ told: string }>(`SELECT _file || ', row ' || _row || ': ' || left(_reasons, 500) AS told FROM ${await tables.scan([quarantine.digest])} LIMIT 1`);
  throw errors.TOO_MANY_QUARANTINED({ quarantined: String(counts.quarantined), read: String(counts.read), limit: String(limit), first: first?.told ?? '' });
}

/** Rows of the stage, those with a fault, and those that break each quarantining rule: such rules are counted where their rows were found. */
async function countStaged(tables: Tables, contract: Contract, { table, faults }: Stage): Promise<{ rows: number; faulty: number; broken: ReadonlyMap<string, number> }> {
  const { sql, read } = brokenCounts(contract, ({ severity }) => severity === 'QUARANTINE');
  const [found = {}] = await tables.rows<Record<string, bigint>>(`SELECT ${['count(*) AS n', `count(*) FILTER (${faults.any}) AS faulty`, ...sql].join(', ')} FROM ${table}`);
  return { rows: Number(found['n'] ?? 0n), faulty: Number(found['faulty'] ?? 0n), broken: read(found) };
}

/** Of the rows that stay: how many break each of the other rules, and the range of their event time. */
async function countKept(tables: Tables, contract: Contract, relation: string): Promise<{ low: bigint | undefined; high: bigint | undefined; broken: ReadonlyMap<string, number> }> {
  const { sql, read } = brokenCounts(contract, ({ severity }) => severity !== 'QUARANTINE');
  const time = contract.eventTime === '' ? [] : [`min(${engine.micros(ident(contract.eventTime))}) AS low`, `max(${engine.micros(ident(contract.eventTime))}) AS high`];
  if (time.length + sql.length === 0) return { low: undefined, high: undefined, broken: new Map() };
  const [found = {}] = await tables.rows<Record<string, bigint | undefined>>(`SELECT ${[...time, ...sql].join(', ')} FROM ${relation}`);
  return { low: found['low'], high: found['high'], broken: read(found) };
}

/** SQL that counts the rows which break row rules, all in one pass, and what reads the counts by the name of the expectation. */
function brokenCounts(contract: Contract, of: (expectation: Expectation) => boolean) {
  const typeOf = typesOf(contract);
  const asked = contract.expectations.filter((expectation) => isRowRule(expectation.rule) && of(expectation));
  return {
    sql: asked.map((expectation, i) => `count(*) FILTER (${brokenRow(expectation, typeOf)}) AS broken_${i}`),
    read: (row: Readonly<Record<string, bigint | undefined>>): ReadonlyMap<string, number> => new Map(asked.map(({ name }, i) => [name, Number(row[`broken_${i}`] ?? 0n)])),
  };
}

function judgeAll(contract: Contract, broken: ReadonlyMap<string, number>, whole: Whole): readonly ExpectationResult[] {
  const results = contract.expectations.map((expectation) => judge(expectation, broken.get(expectation.name) ?? 0, whole));
  contract.expectations.forEach((expectation, i) => {
    const result = results[i];
    if (expectation.severity === 'FAIL' && result && !result.met) throw errors.EXPECTATION_FAILED({ name: expectation.name, observed: result.observed });
  });
  return results;
}
