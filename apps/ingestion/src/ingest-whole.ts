import type { IngestArgument, IngestOptions } from './ingest-argument.js';
import type { IngestResult } from './ingest-result.js';
import { refuseBadCells } from './cleaning/quarantine.js';
import { judgeKept } from './judge-kept.js';
import { profileColumns } from './profiling/profile-columns.js';
import { newFiles } from './reading/new-files.js';
import { filesOf } from './reading/sources.js';
import { largestOf, nothingNew, refuseEmpty, refuseShare, schemaOf, withinOf } from './run-rules.js';
import { rolledRows } from './rollup/rolled-rows.js';
import { columnList, settleRows } from './settle-rows.js';
import { stageSource } from './stage-source.js';

export const INGEST_STEPS = 6;

/** Reads a source that is not cut by time: all that stays of it is one object. */
export async function ingestWhole({ source, contract: given, parent: base, now, s3, renames = false, cursor, finer }: IngestArgument, { tables, objects, directory, signal, progress }: IngestOptions): Promise<IngestResult> {
  const reading = newFiles(source, cursor);
  const { rolledUp, kept: partials } = rolledRows(finer, { tables, directory, signal });
  const files = await filesOf(source, { directory, s3, signal, choose: reading.choose, reach: reading.reach, cursor, until: undefined, objectFile: (digest) => objects.file(digest), rolledUp, mayBeEmpty: base !== undefined, ...withinOf(source, given), largest: (column) => largestOf(tables, base, given.columns.find(({ sourceName }) => sourceName === column)?.name ?? column) });
  if (files.length === 0 && base) return nothingNew(given, base, reading.reached());
  const { contract, raws, stage } = await stageSource(tables, files, { given, base, timeFilter: source.timeFilter, renames, signal });
  progress('check', 1, INGEST_STEPS);
  await refuseBadCells(tables, raws, { contract, stage });
  const parent = base === undefined || base.objects.length === 0 ? undefined : { version: base.version, relation: await tables.scan(base.objects.map(({ digest }) => digest)) };
  const columns = columnList(contract);
  // Sorted, also where the stage lies in this order already: only then do the bytes not depend on how threads have filled it.
  const rows = (kept: string): string => `SELECT ${columns} FROM ${kept} ORDER BY _file, _row`;
  const { object, counts, quarantine, ledger, duplicates, broken } = await settleRows(tables, { contract, raws, stage, parent, rows, known: 0, signal, progress: (step) => progress(step, step === 'write' ? 3 : 2, INGEST_STEPS) });
  refuseEmpty(counts, source);
  await refuseShare(tables, { contract, counts, quarantine });
  progress('profile', 4, INGEST_STEPS);
  // The kept rows lie in Parquet now; reading them there is cheaper than filtering the stage again.
  const relation = object === undefined ? `(SELECT ${columns} FROM ${stage.table} LIMIT 0)` : await tables.scan([object.digest]);
  const profile = await profileColumns(tables, relation, { columns: contract.columns, rows: counts.kept, signal });
  progress('expectations', 5, INGEST_STEPS);
  const judged = await judgeKept(tables, contract, { relation, parent, profile, broken, now });
  progress('done', INGEST_STEPS, INGEST_STEPS);
  // A run that adds nothing makes no version that could name them.
  return { contract, schema: schemaOf(contract), object, counts, quarantine, ledger, duplicates: object && duplicates, rollup: partials(), profile, ...judged, cursor: reading.reached() };
}
