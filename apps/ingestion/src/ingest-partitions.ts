import { canonicalJson, parseCanonicalJson } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import { engine, ident, type Tables, text, toDuckdbType } from '@millrace/tables';
import { refuseBadCells } from './cleaning/quarantine.js';
import { placeRows } from './cleaning/row-numbers.js';
import type { DonePart, RunPlan } from './checkpoints.js';
import type { Contract } from './contract.js';
import { errors } from './errors.js';
import type { Base, IngestArgument, IngestOptions } from './ingest-argument.js';
import type { IngestResult } from './ingest-result.js';
import type { RowCounts, TableObject } from './table-object.js';
import { eventTimesOf, judgeKept } from './judge-kept.js';
import { backfillRange, isWithin, joined, MAX_PARTITIONS, type Partition, type Partitioning, rangeOf } from './partition.js';
import { mergeProfiles, type Profile } from './profiling/merge-profiles.js';
import { profileColumns } from './profiling/profile-columns.js';
import { newFiles } from './reading/new-files.js';
import type { FoundFile } from './reading/found-file.js';
import { filesOf } from './reading/sources.js';
import { largestOf, nothingNew, refuseEmpty, refuseShare, schemaOf, withinOf } from './run-rules.js';
import type { KeptPartials } from './rollup/roll-up.js';
import { rolledRows } from './rollup/rolled-rows.js';
import { type StagedSource, stageSource } from './stage-source.js';
import { columnList, settleRows, writeObject } from './settle-rows.js';

/** A run that cuts its rows by time. */
type PartitionArgument = IngestArgument & { readonly contract: Contract & { readonly partition: Partitioning } };

/** What an earlier attempt at the same run has left. */
interface Before {
  readonly plan: RunPlan | undefined;
  readonly parts: readonly DonePart[];
}

/** Reads a source part by part: each is written, profiled and kept as done before the next, so that a run which is interrupted goes on with those that are left. */
export async function ingestPartitions(argument: PartitionArgument, options: IngestOptions): Promise<IngestResult> {
  const { contract: given, parent: base, source, backfill, now } = argument;
  const { tables, objects, signal, progress } = options;
  const range = backfill ? backfillRange(source.timeFilter, given.partition) : undefined;
  const { before, staged, reached, partials } = await read(argument, options);
  if (staged === undefined && before.parts.length === 0 && base) return nothingNew(given, base, reached);
  const contract = staged?.contract ?? before.plan?.contract ?? given;
  const done = [...before.parts];
  if (staged) {
    const keys = await keysOf(tables, staged);
    refuseTooMany(given, { keys, base });
    for (const [i, key] of keys.entries()) {
      progress(key === '' ? 'rows without a time' : key, i, keys.length);
      const part = await makePart(key, { staged, contract, parent: range === undefined ? parentOf(base, key) : undefined, tables, objects, signal });
      await options.checkpoints?.keep(part);
      done.push(part);
    }
  }
  const counts = total(done);
  refuseEmpty(counts, source);
  const merged = (kind: 'quarantine' | 'ledger' | 'duplicates', order: string): Promise<TableObject | undefined> => unite(done.flatMap((part) => part[kind] ?? []), { tables, order, signal });
  const quarantine = await merged('quarantine', '_file, _row');
  await refuseShare(tables, { contract, counts, quarantine });
  const touched = done.flatMap(({ partition }) => partition ?? []);
  const made = new Set(done.map(({ key }) => key));
  const untouched = (base?.partitions ?? []).filter(({ key }) => !made.has(key) && !(range && isWithin(key, range)));
  const partitions = [...untouched, ...touched].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const expectations = await judgeTouched({ touched, untouched, done, contract, now, tables, objects });
  const isNew = canonicalJson(partitions.map(({ object }) => object.digest)) !== canonicalJson(base?.objects.map(({ digest }) => digest) ?? []);
  return {
    contract,
    schema: schemaOf(contract),
    object: undefined,
    partitions,
    resumed: before.parts.filter(({ key }) => key !== '').length,
    counts,
    quarantine,
    ledger: await merged('ledger', 'file, row, "column"'),
    duplicates: isNew ? await merged('duplicates', '_file, _row') : undefined,
    rollup: partials,
    profile: await profileOf(partitions, objects),
    expectations,
    eventTimeMin: undefined,
    eventTimeMax: undefined,
    cursor: reached,
  };
}

/** Stages what is not done yet; undefined where nothing is left. */
async function read({ contract: given, parent: base, source, s3, cursor, finer }: PartitionArgument, { tables, objects, directory, checkpoints, signal }: IngestOptions): Promise<{ before: Before; staged: StagedSource | undefined; reached: IngestResult['cursor']; partials: KeptPartials | undefined }> {
  const reading = newFiles(source, cursor);
  const { rolledUp, kept } = rolledRows(finer, { tables, directory, signal });
  let before: Before = { plan: await checkpoints?.plan(), parts: (await checkpoints?.done()) ?? [] };
  if (before.plan === undefined || before.plan.base !== (base?.version ?? '')) before = { plan: undefined, parts: [] };
  const choose = (found: readonly FoundFile[]): readonly FoundFile[] => {
    const wanted = reading.choose(found);
    const chosen = leftOf(wanted, before);
    // The source is not what it was: what was made of it may not fit to the rest.
    if (chosen === undefined) before = { plan: undefined, parts: [] };
    return chosen ?? wanted;
  };
  const timeColumn = (before.plan?.contract ?? given).columns.find(({ name }) => name === given.partition.column)?.sourceName;
  const without = timeColumn === undefined ? undefined : { column: timeColumn, ranges: joined(before.parts.filter(({ key }) => key !== '').map(({ key }) => rangeOf(key))) };
  const files = await filesOf(source, { directory, s3, signal, choose, reach: reading.reach, cursor, until: before.plan?.reached, objectFile: (digest) => objects.file(digest), rolledUp, mayBeEmpty: base !== undefined || before.plan !== undefined, ...(without && { without }), ...withinOf(source, before.plan?.contract ?? given), largest: (column) => largestOf(tables, base, given.columns.find(({ sourceName }) => sourceName === column)?.name ?? column) });
  if (before.plan === undefined) await checkpoints?.clear();
  if (files.length === 0) return { before, staged: undefined, reached: reading.reached(), partials: kept() };
  const keys = before.parts.map(({ key }) => key);
  const staged = await stageSource(tables, files, { given: before.plan?.contract ?? given, base, timeFilter: source.timeFilter, done: keys, signal });
  const rest = keys.includes('') ? { ...staged, raws: staged.raws.map((raw) => ({ ...raw, rejects: undefined })) } : staged;
  await refuseBadCells(tables, rest.raws, rest);
  if (before.plan === undefined) await checkpoints?.keepPlan({ base: base?.version ?? '', contract: staged.contract, files: await filesByPart(tables, staged), reached: reading.reached() });
  return { before, staged: rest, reached: reading.reached(), partials: kept() };
}

/** The files that hold rows of parts which are not done; undefined where they are not those that the plan was made of. */
function leftOf(found: readonly FoundFile[], { plan, parts }: Before): readonly FoundFile[] | undefined {
  if (plan === undefined) return found;
  const known = new Map(plan.files.map((file) => [file.label, file]));
  if (known.size !== found.length || found.some(({ label, identity }) => known.get(label)?.identity !== identity)) return undefined;
  const done = new Set(parts.map(({ key }) => key));
  return found.filter(({ label }) => known.get(label)?.parts.some((key) => !done.has(key)));
}

async function filesByPart(tables: Tables, { raws, stage }: StagedSource): Promise<RunPlan['files']> {
  const rows = await tables.rows<{ _file: number; key: string }>(`SELECT DISTINCT _file, coalesce(_part, '') AS key FROM ${stage.table} ORDER BY ALL`);
  return raws.map(({ file, rejects }, i) => ({ label: file.label, identity: file.identity, parts: [...new Set([...rows.filter(({ _file }) => _file === i).map(({ key }) => key), ...(rejects ? [''] : [])])] }));
}

/** The parts that are staged, those rows first that belong to none. */
async function keysOf(tables: Tables, { raws, stage }: StagedSource): Promise<readonly string[]> {
  const rows = await tables.rows<{ key: string }>(`SELECT DISTINCT coalesce(_part, '') AS key FROM ${stage.table} ORDER BY key`);
  const keys = rows.map(({ key }) => key);
  return keys.includes('') || raws.every(({ rejects }) => rejects === undefined) ? keys : ['', ...keys];
}

function refuseTooMany({ partition }: Contract, { keys, base }: { keys: readonly string[]; base: Base | undefined }): void {
  const count = new Set([...keys, ...(base?.partitions ?? []).map(({ key }) => key)]).size;
  if (count > MAX_PARTITIONS) throw errors.INVALID_CONTRACT({ place: 'partition.by', why: `the version would have ${count} parts, and at most ${MAX_PARTITIONS} are made; ${partition?.by === 'DAY' ? 'cut by month' : 'check the years of the column, or do not cut by time'}` });
}

interface PartRows {
  readonly staged: StagedSource;
  readonly contract: Contract;
  readonly parent: { readonly partition: Partition; readonly version: string; readonly offset: number } | undefined;
  readonly tables: Tables;
  readonly objects: ObjectStore;
  readonly signal: AbortSignal;
}

const PART = 'staged_part';

async function makePart(key: string, { staged, contract, parent: known, tables, objects, signal }: PartRows): Promise<DonePart> {
  const raws = key === '' ? staged.raws : staged.raws.map((raw) => ({ ...raw, rejects: undefined }));
  await tables.run(`CREATE OR REPLACE TEMP TABLE ${PART}_rows AS SELECT ${engine.allBut(['_part', '_at'])} FROM ${staged.stage.table} WHERE ${key === '' ? '_part IS NULL' : `_part = ${text(key)}`}`, { signal });
  await placeRows(tables, PART);
  const columns = columnList(contract);
  const parent = known && { version: known.version, offset: known.offset, relation: await tables.scan([known.partition.object.digest]) };
  const time = ident(contract.partition?.column ?? '');
  const rows = (kept: string): string => `SELECT ${columns} FROM (SELECT ${columns} FROM ${kept}${parent ? ` UNION ALL SELECT ${columns} FROM ${parent.relation}` : ''}) ORDER BY ${time}, ${columns}`;
  const { object, broken, ...settled } = await settleRows(tables, { contract, raws, stage: { ...staged.stage, table: PART }, parent, rows, known: known?.partition.object.rows ?? 0, signal });
  const common = { key, ...settled, broken: Object.fromEntries(broken) };
  if (object === undefined) return { ...common, partition: known?.partition };
  const relation = await tables.scan([object.digest]);
  const profile = await profileColumns(tables, relation, { columns: contract.columns, rows: object.rows, signal });
  const { low, high } = await eventTimesOf(tables, contract, relation);
  const { digest } = await objects.put(new TextEncoder().encode(canonicalJson(profile)), { signal });
  return { ...common, partition: { key, object, profile: digest, eventTimeMin: low, eventTimeMax: high, since: 0 } };
}

/** The part of the version that is appended to, and how many rows stand before it there. */
function parentOf(base: Base | undefined, key: string): PartRows['parent'] {
  if (base === undefined) return undefined;
  const at = base.partitions.findIndex((partition) => partition.key === key);
  const partition = base.partitions[at];
  return partition && { partition, version: base.version, offset: base.partitions.slice(0, at).reduce((sum, { object }) => sum + object.rows, 0) };
}

const total = (parts: readonly DonePart[]): RowCounts =>
  parts.reduce<RowCounts>(
    (sum, { counts }) => ({
      read: sum.read + counts.read,
      kept: sum.kept + counts.kept,
      duplicates: sum.duplicates + counts.duplicates,
      quarantined: sum.quarantined + counts.quarantined,
      repaired: sum.repaired + counts.repaired,
      cellsRepaired: sum.cellsRepaired + counts.cellsRepaired,
    }),
    { read: 0, kept: 0, duplicates: 0, quarantined: 0, repaired: 0, cellsRepaired: 0 },
  );

/** The rows of some objects as one object, in this order. */
async function unite(objects: readonly TableObject[], { tables, order, signal }: { tables: Tables; order: string; signal: AbortSignal }): Promise<TableObject | undefined> {
  return objects.length === 0 ? undefined : writeObject(tables, `SELECT * FROM ${await tables.scan(objects.map(({ digest }) => digest))} ORDER BY ${order}`, signal);
}

/** Expectations are about the parts that the run has made, as they are now. */
async function judgeTouched({ touched, untouched, done, contract, now, tables, objects }: { touched: readonly Partition[]; untouched: readonly Partition[]; done: readonly DonePart[]; contract: Contract; now: number; tables: Tables; objects: ObjectStore }): Promise<IngestResult['expectations']> {
  const scan = async (partitions: readonly Partition[]): Promise<string> => tables.scan(partitions.map(({ object }) => object.digest));
  const broken = new Map<string, number>();
  for (const part of done) for (const [name, count] of Object.entries(part.broken)) broken.set(name, (broken.get(name) ?? 0) + count);
  const relation = touched.length > 0 ? await scan(touched) : `(SELECT ${contract.columns.map(({ name, type }) => `CAST(NULL AS ${toDuckdbType(type)}) AS ${ident(name)}`).join(', ')} WHERE false)`;
  const { expectations } = await judgeKept(tables, contract, { relation, parent: untouched.length === 0 ? undefined : { relation: await scan(untouched) }, profile: await profileOf(touched, objects), broken, now });
  return expectations;
}

/** The profile of all rows of some parts. */
async function profileOf(partitions: readonly Partition[], objects: ObjectStore): Promise<Profile> {
  let merged: Profile = { rows: 0, columns: [], coMoments: [] };
  for (const { profile } of partitions) merged = mergeProfiles(merged, parseCanonicalJson(new TextDecoder().decode(await objects.read(profile))) as Profile);
  return merged;
}
