import type { Dataset as DatasetMessage, DatasetVersion as VersionMessage, RowCounts as CountsMessage } from '@millrace/contracts/millrace/ingestion/v1/dataset';
import { type IngestionRun as RunMessage, IngestionRun_Mode as ModeMessage, type Source as SourceMessage, Source_Format as FormatMessage } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import { type DuplicateRow as DuplicateMessage, type LedgerEntry as EntryMessage, LedgerEntry_Action as ActionMessage, type QuarantinedRow as RowMessage } from '@millrace/contracts/millrace/ingestion/v1/set_aside';
import type { ObjectRef as ObjectMessage } from '@millrace/contracts/millrace/type/v1/object';
import { type JobProgress, toJobStatus } from '@millrace/service';
import { columnTypeMessage, contractMessage } from './contract.wire.js';
import { type Dataset, datasetName, type DatasetVersion, datasetVersionName } from './dataset.js';
import { errors } from './errors.js';
import type { RowCounts, TableObject } from './table-object.js';
import { type IngestionRun, ingestionRunName } from './ingestion-run.js';
import { parseRollup, toRollup, toRollupReport } from './rollup.wire.js';
import { toCorrelations, toProfile } from './profile.wire.js';
import type { Format, IngestionMode, Source } from './reading/source.js';
import type { DuplicateRow, LedgerEntry, QuarantinedRow } from './set-aside.service.js';

const PARQUET = 'application/vnd.apache.parquet';
const MODES: Record<IngestionMode, ModeMessage> = { APPEND: ModeMessage.APPEND, REPLACE: ModeMessage.REPLACE, BACKFILL: ModeMessage.BACKFILL };
const FORMATS: Record<Format, FormatMessage> = { CSV: FormatMessage.CSV, JSON_LINES: FormatMessage.JSON_LINES, JSON: FormatMessage.JSON, PARQUET: FormatMessage.PARQUET };

const ACTIONS: Record<LedgerEntry['action'], ActionMessage> = { REPAIRED: ActionMessage.REPAIRED, EMPTIED: ActionMessage.EMPTIED, SET_ASIDE: ActionMessage.SET_ASIDE };

export const toDataset = (dataset: Dataset): DatasetMessage => ({
  name: datasetName.format(dataset),
  description: dataset.description,
  latestVersion: dataset.latestVersion === 0 ? '' : datasetVersionName.format({ dataset: dataset.dataset, version: dataset.latestVersion }),
  createTime: dataset.createTime,
  etag: String(dataset.revision),
});

export const toVersion = (version: DatasetVersion): VersionMessage => ({
  name: datasetVersionName.format(version),
  digest: version.digest,
  schema: { columns: version.schema.map(({ name, type, nullable }) => ({ name, type: columnTypeMessage(type), nullable })) },
  objects: version.objects.map(toObject),
  partitions: (version.partitions ?? []).map(({ key, object, since }) => ({ key, object: toObject(object), since: datasetVersionName.format({ dataset: version.dataset, version: since }) })),
  rows: BigInt(version.rows),
  counts: toCounts(version.counts),
  eventTimeMin: toTime(version.eventTimeMin),
  eventTimeMax: toTime(version.eventTimeMax),
  eventTimeColumn: version.eventTimeColumn,
  profile: version.profile.map(toProfile),
  correlations: toCorrelations(version.coMoments ?? []),
  quarantine: version.quarantine && toObject(version.quarantine),
  ledger: version.ledger && toObject(version.ledger),
  duplicates: version.duplicates && toObject(version.duplicates),
  rollup: version.rollup && toRollupReport(version.rollup, toObject(version.rollup.partials)),
  ingestionRun: ingestionRunName.format({ run: version.run }),
  parent: version.parent === 0 ? '' : datasetVersionName.format({ dataset: version.dataset, version: version.parent }),
  createTime: version.createTime,
  expectations: version.expectations.map(({ name, met, broken, observed }) => ({ name, met, broken: BigInt(broken), observed })),
});

export const toRun = (run: IngestionRun, progress?: JobProgress): RunMessage => ({
  name: ingestionRunName.format({ run: run.id }),
  dataset: datasetName.format(run),
  source: toSource(run.source),
  contract: contractMessage(run.contract),
  mode: MODES[run.mode],
  status: toJobStatus(run.status, progress),
  datasetVersion: run.version === undefined ? '' : datasetVersionName.format({ dataset: run.dataset, version: run.version }),
  counts: run.counts && toCounts(run.counts),
  createTime: run.createTime,
  unchanged: run.unchanged ?? false,
  partitionsResumed: run.resumed ?? 0,
});

const toObject = ({ digest, size, rows }: TableObject): ObjectMessage => ({ digest, sizeBytes: BigInt(size), rows: BigInt(rows), mediaType: PARQUET });

export const toCounts = ({ read, kept, duplicates, quarantined, repaired, cellsRepaired }: RowCounts): CountsMessage => ({
  read: BigInt(read),
  kept: BigInt(kept),
  duplicates: BigInt(duplicates),
  quarantined: BigInt(quarantined),
  repaired: BigInt(repaired),
  cellsRepaired: BigInt(cellsRepaired),
});

export const toQuarantinedRow = ({ file, row, reasons, cells, text }: QuarantinedRow): RowMessage => ({ file, row, reasons, cells: { ...cells }, text });

export const toDuplicateRow = ({ cells, ...row }: DuplicateRow): DuplicateMessage => ({ ...row, cells: { ...cells } });

export const toLedgerEntry = ({ action, ...entry }: LedgerEntry): EntryMessage => ({ ...entry, action: ACTIONS[action] });

/** The source of a request, its path as it was written. */
export function parseSource(message: SourceMessage | undefined): Source {
  if (message === undefined || (message.path === '' && message.postgres === undefined && message.kafka === undefined && message.push === undefined && message.rollup === undefined)) throw errors.INVALID_SOURCE({ why: 'source.path is empty; give a file or a folder below an allowed root, s3://bucket/prefix, source.postgres, source.kafka, source.push or source.rollup' });
  if (message.newFilesOnly && message.path === '') throw errors.INVALID_SOURCE({ why: 'source.new_files_only is about files; a table is read by source.postgres.incremental_column, a topic from where the last run stopped, and a rollup reads by itself only what is new' });
  if ([message.path !== '', message.postgres !== undefined, message.kafka !== undefined, message.push !== undefined, message.rollup !== undefined].filter(Boolean).length > 1) throw errors.INVALID_SOURCE({ why: 'it has several of path, postgres, kafka, push and rollup; give one of them' });
  const format = (Object.keys(FORMATS) as Format[]).find((key) => FORMATS[key] === message.format);
  const filter = message.timeFilter;
  if (filter && filter.column === '') throw errors.INVALID_SOURCE({ why: 'source.time_filter.column is empty' });
  return { path: message.path, format, timeFilter: filter && { column: filter.column, from: toMicros(filter.from), to: toMicros(filter.to) }, ...(message.postgres ? { postgres: message.postgres } : {}), ...(message.kafka ? { kafka: message.kafka } : {}), ...(message.push ? { push: { last: 0, files: [] } } : {}), ...(message.rollup ? { rollup: parseRollup(message.rollup) } : {}), ...(message.newFilesOnly ? { newFilesOnly: true } : {}) };
}

export function parseMode(mode: ModeMessage): IngestionMode {
  const known = (Object.keys(MODES) as IngestionMode[]).find((key) => MODES[key] === mode);
  return known ?? 'APPEND';
}

const toSource = ({ path, format, timeFilter, postgres, kafka, push, rollup, newFilesOnly = false }: Source): SourceMessage => ({
  push: push && {},
  kafka: kafka && { ...kafka },
  newFilesOnly,
  postgres: postgres && { ...postgres },
  rollup: rollup && toRollup(rollup),
  path,
  format: format === undefined ? FormatMessage.UNSPECIFIED : FORMATS[format],
  timeFilter: timeFilter && { column: timeFilter.column, from: toTime(timeFilter.from), to: toTime(timeFilter.to) },
});

const toMicros = (time: Date | undefined): bigint | undefined => (time === undefined ? undefined : BigInt(time.getTime()) * 1000n);
const toTime = (micros: bigint | undefined): Date | undefined => (micros === undefined ? undefined : new Date(Number(micros / 1000n)));
