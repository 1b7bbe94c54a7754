import type { Cell } from '@millrace/core';
import type { FormulaColumn } from '@millrace/plan';
import { type ColumnInput, ident, type Tables } from '@millrace/tables';
import { requestColumns, type ResolvedService } from '../feature-service.js';
import { type CheckedFeature, compareVectors, type ServedValue, type ServedVector } from '../served-vector.js';
import { makeTrainingSet, type TrainingSetArgument } from './make-training-set.js';

/** Served vectors, and the history that they are held against. */
export interface ReplayInput extends Pick<TrainingSetArgument, 'references'> {
  readonly vectors: readonly ServedVector[];
  readonly service: ResolvedService;
}

/** What the spine's own columns are called; no key column may be. */
const PLACE = '__millrace_place';
const SERVED = '__millrace_served';

/** Joins and computes the features of every vector from history as of its time, by the very join that makes training sets, and compares. */
export async function replayVectors({ vectors, service, references }: ReplayInput, { tables, signal }: { tables: Tables; signal: AbortSignal }): Promise<readonly CheckedFeature[]> {
  const asked = askedColumns(service);
  const own = [{ name: PLACE, type: 'INT64' as const }, { name: SERVED, type: 'TIMESTAMP' as const }];
  await tables.load('served_vectors', [
    { name: PLACE, type: 'INT64', values: BigInt64Array.from(vectors, (_, place) => BigInt(place)) },
    { name: SERVED, type: 'TIMESTAMP', values: BigInt64Array.from(vectors, ({ time }) => BigInt(time)) },
    ...columnsOf(asked, vectors),
  ]);
  const { ref } = await tables.writeParquet('SELECT * FROM served_vectors', { signal });
  const schema = [...own, ...asked].map((column) => ({ ...column, nullable: true }));
  const spine = { datasetVersion: 'what was served', eventTime: SERVED, from: undefined, to: undefined, columns: [PLACE], sampleShare: 0, sampleSeed: 0, labels: [] };
  const made = await makeTrainingSet({ ...service, spine, table: { objects: [ref.digest], schema }, references }, { tables, signal, progress: () => undefined });
  const history = await tables.rows<Record<string, Cell>>(`SELECT ${service.features.map(ident).join(', ')} FROM ${await tables.scan(made.object.digest)} ORDER BY ${ident(PLACE)}`, undefined, { signal });
  return compareVectors(vectors, history, service.features);
}

/** The columns of a request that a service reads: keys as texts, and what formulas read. */
export function askedColumns(service: ResolvedService): readonly FormulaColumn[] {
  const requested = requestColumns(service);
  const keys = [...new Set(service.reads.flatMap((reference) => reference.keys))].filter((key) => !requested.some(({ name }) => name === key));
  return [...keys.map((name) => ({ name, type: 'STRING' as const })), ...requested];
}

/** What requests have in columns, as a session loads it. */
export const columnsOf = (columns: readonly FormulaColumn[], vectors: readonly Pick<ServedVector, 'keys'>[]): readonly ColumnInput[] => columns.map(({ name, type }) => ({ name, type, values: vectors.map((vector) => cellOf(vector.keys[name]?.[0], type)) }));

/** A cell of a request as the type that is read: keys are texts, times came as milliseconds, and whole numbers as either kind of number. */
function cellOf(value: ServedValue, type: ColumnInput['type']): Cell {
  if (value === undefined) return undefined;
  switch (type) {
    case 'STRING':
      return String(value);
    case 'TIMESTAMP':
      return new Date(Number(value));
    case 'FLOAT64':
      return Number(value);
    case 'INT64':
      return typeof value === 'bigint' ? value : Number.isSafeInteger(value) ? BigInt(Number(value)) : undefined;
    case 'BOOL':
      return value === true || value === 1;
  }
}
