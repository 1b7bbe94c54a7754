import type { Cell } from '@millrace/core';
import { ident, type Tables } from '@millrace/tables';
import type { ResolvedReference } from '../feature-service.js';
import { type CheckedFeature, compareVectors, type ServedVector } from '../served-vector.js';
import { makeTrainingSet, type TableInput } from './make-training-set.js';

/** Served vectors, and the history that they are held against. */
export interface ReplayInput {
  readonly vectors: readonly ServedVector[];
  readonly references: readonly { readonly reference: ResolvedReference; readonly source: TableInput }[];
}

/** What the spine's own columns are called; no key column may be. */
const PLACE = '__millrace_place';
const SERVED = '__millrace_served';

/** Joins the features of every vector from history as of its time, by the very join that makes training sets, and compares. */
export async function replayVectors({ vectors, references }: ReplayInput, { tables, signal }: { tables: Tables; signal: AbortSignal }): Promise<readonly CheckedFeature[]> {
  const keys = [...new Set(references.flatMap(({ reference }) => reference.keys))];
  await tables.load('served_vectors', [
    { name: PLACE, type: 'INT64', values: BigInt64Array.from(vectors, (_, place) => BigInt(place)) },
    { name: SERVED, type: 'TIMESTAMP', values: BigInt64Array.from(vectors, ({ time }) => BigInt(time)) },
    ...keys.map((key) => ({ name: key, type: 'STRING' as const, values: vectors.map((vector) => vector.keys[key]) })),
  ]);
  const { ref } = await tables.writeParquet('SELECT * FROM served_vectors', { signal });
  const schema = [{ name: PLACE, type: 'INT64' as const, nullable: false }, { name: SERVED, type: 'TIMESTAMP' as const, nullable: false }, ...keys.map((name) => ({ name, type: 'STRING' as const, nullable: false }))];
  const spine = { datasetVersion: 'what was served', eventTime: SERVED, from: undefined, to: undefined, columns: [PLACE], sampleShare: 0, sampleSeed: 0, labels: [] };
  const made = await makeTrainingSet({ spine, table: { objects: [ref.digest], schema }, references }, { tables, signal, progress: () => undefined });
  const features = references.flatMap(({ reference }) => reference.features.map(({ as }) => as));
  const history = await tables.rows<Record<string, Cell>>(`SELECT ${features.map(ident).join(', ')} FROM ${await tables.scan(made.object.digest)} ORDER BY ${ident(PLACE)}`, undefined, { signal });
  return compareVectors(vectors, history, features);
}
