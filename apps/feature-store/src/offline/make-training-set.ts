import type { Column, ColumnType, Schema } from '@millrace/core';
import type { ObjectRef } from '@millrace/objects';
import { engine, ident, type Tables } from '@millrace/tables';
import { errors } from '../errors.js';
import type { ResolvedReference } from '../feature-reference.js';
import type { ResolvedService } from '../feature-service.js';
import { featureType } from '../feature-view.js';
import { computedSql } from './computed-sql.js';
import { labelSql, referenceSql, ROW, sampleSql, TIME } from './training-set-sql.js';

/** The rows to join onto. Times are microseconds. */
export interface SpineSpec {
  readonly datasetVersion: string;
  readonly eventTime: string;
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
  /** Empty means all. */
  readonly columns: readonly string[];
  readonly sampleShare: number;
  readonly sampleSeed: number;
  readonly labels: readonly { readonly name: string; readonly column: string; readonly greaterThan: number }[];
}

/** Rows of a dataset version. */
export interface TableInput {
  readonly objects: readonly string[];
  readonly schema: Schema;
}

export interface TrainingSetArgument extends Pick<ResolvedService, 'computed' | 'features'> {
  readonly spine: SpineSpec;
  readonly table: TableInput;
  /** What is read, each with the rows of its view. */
  readonly references: readonly { readonly reference: ResolvedReference; readonly source: TableInput }[];
}

export interface TrainingSetResult {
  readonly object: ObjectRef & { readonly rows: number };
  readonly schema: readonly Column[];
}

/** Joins what every reference reads onto the spine as of each row's time, computes what is computed of it, and writes one Parquet object in the order of the spine. */
export async function makeTrainingSet({ spine, table, references, computed, features }: TrainingSetArgument, { tables, signal, progress }: { tables: Tables; signal: AbortSignal; progress: (step: string, done: number, total: number) => void }): Promise<TrainingSetResult> {
  const total = references.length + 2;
  progress('read the spine', 0, total);
  const columns = spine.columns.length > 0 ? spine.columns : table.schema.map(({ name }) => name);
  await tables.run(`CREATE TEMP TABLE spine AS ${await spineSql(tables, { spine, table })}`, { signal });
  const [rows] = await tables.rows<{ n: bigint }>('SELECT count(*) AS n FROM spine');
  if (!rows?.n) throw errors.TRAINING_SET_EMPTY({ dataset: spine.datasetVersion, from: timeText(spine.from), to: timeText(spine.to) });
  for (const [index, { reference, source }] of references.entries()) {
    progress(`join ${reference.view.view}`, index + 1, total);
    const relation = await tables.scan(source.objects);
    for (const statement of referenceSql({ reference, relation, schema: source.schema, index })) await tables.run(statement, { signal });
  }
  progress('write', total - 1, total);
  const reads = references.map(({ reference }) => reference);
  for (const [index, reference] of computed.entries()) await tables.run(computedSql({ reference, reads, index }), { signal });
  const tableOf = new Map([...reads.flatMap((reference, index) => reference.features.map(({ as }) => [as, `f${index}`] as const)), ...computed.flatMap((reference, index) => reference.features.map(({ as }) => [as, `c${index}`] as const))]);
  const found = features.map((name) => `${tableOf.get(name) ?? ''}.${ident(name)}`);
  const joins = [...reads.map((_, index) => `JOIN features_${index} AS f${index} USING (${ROW})`), ...computed.map((_, index) => `JOIN computed_${index} AS c${index} USING (${ROW})`)];
  const labels = spine.labels.map(({ name }) => `s.${ident(name)}`);
  const { ref, rows: written } = await tables.writeParquet(`SELECT ${[...columns.map((column) => `s.${ident(column)}`), ...labels, ...found].join(', ')} FROM spine AS s ${joins.join(' ')} ORDER BY ${ROW}`, { signal });
  return { object: { ...ref, rows: written }, schema: schemaOf({ spine, table, references, computed, features }, columns) };
}

async function spineSql(tables: Tables, { spine, table }: { spine: SpineSpec; table: TableInput }): Promise<string> {
  const time = ident(spine.eventTime);
  const conditions = [
    `${time} IS NOT NULL`,
    ...(spine.from === undefined ? [] : [`${time} >= ${engine.time(`CAST(${spine.from} AS BIGINT)`)}`]),
    ...(spine.to === undefined ? [] : [`${time} < ${engine.time(`CAST(${spine.to} AS BIGINT)`)}`]),
    sampleSql(table.schema.map(({ name }) => name), spine.sampleShare, spine.sampleSeed),
  ];
  const labels = spine.labels.map((label) => labelSql(label, table.schema));
  // Rows are numbered after the filter, in the order of the objects, which is the order of the source.
  return `SELECT row_number() OVER () AS ${ROW}, ${engine.micros(time)} AS ${TIME}, ${['*', ...labels].join(', ')} FROM ${await tables.scan(table.objects)} WHERE ${conditions.join(' AND ')}`;
}

const timeText = (micros: bigint | undefined): string => (micros === undefined ? 'ever' : new Date(Number(micros / 1000n)).toISOString());

function schemaOf({ spine, table, references, computed, features }: TrainingSetArgument, columns: readonly string[]): readonly Column[] {
  const types = new Map<string, ColumnType>([
    ...references.flatMap(({ reference, source }) => reference.features.map(({ feature, as }) => [as, featureType(reference.view, feature, source.schema)] as const)),
    ...computed.flatMap((reference) => reference.features.map(({ feature, as }) => [as, feature.type] as const)),
  ]);
  return [
    ...columns.flatMap((name) => table.schema.filter((column) => column.name === name)),
    ...spine.labels.map(({ name }) => ({ name, type: 'INT64' as const, nullable: true })),
    ...features.map((name) => ({ name, type: types.get(name) ?? 'FLOAT64', nullable: true })),
  ];
}
