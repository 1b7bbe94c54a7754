import { type EventRecord, uuidBound } from '@millrace/core';
import { type PredictionRecord, PredictionRecord as RecordCodec } from '@millrace/contracts/millrace/inference/v1/prediction';
import type { Store } from '@millrace/store';
import type { InferenceTables } from './migrations.js';

/** A label as it is kept. */
export interface KeptLabel {
  readonly predictionId: string;
  readonly value: number;
  readonly knownTime: Date;
}

/** A logged prediction with the names of its inputs. */
export interface KeptPrediction {
  readonly record: PredictionRecord;
  readonly inputs: readonly string[];
}

/** Rows in one INSERT; SQLite takes 32,766 parameters. */
const CHUNK = 1_000;

/** The queryable log of predictions, and the labels that came for them. */
export class PredictionStore {
  constructor(private readonly store: Store<InferenceTables>) {}

  /** Adds predictions; those that are there already stay as they are. */
  async add(endpoint: string, { inputs, records }: { readonly inputs: readonly string[]; readonly records: readonly PredictionRecord[] }): Promise<void> {
    await this.store.write(async (tx) => {
      for (let start = 0; start < records.length; start += CHUNK) {
        const rows = records.slice(start, start + CHUNK).map((record) => ({ id: record.id, endpoint, record: RecordCodec.encode(record).finish(), inputs: JSON.stringify(inputs) }));
        await tx.insertInto('logged_prediction').values(rows).onConflict((conflict) => conflict.column('id').doNothing()).execute();
      }
    });
  }

  async find(endpoint: string, id: string): Promise<KeptPrediction | undefined> {
    const row = await this.store.db.selectFrom('logged_prediction').select(['record', 'inputs']).where('id', '=', id).where('endpoint', '=', endpoint).executeTakeFirst();
    return row && { record: RecordCodec.decode(row.record), inputs: JSON.parse(row.inputs) as readonly string[] };
  }

  async findLabel(endpoint: string, id: string): Promise<KeptLabel | undefined> {
    const row = await this.store.db.selectFrom('endpoint_label').selectAll().where('endpoint', '=', endpoint).where('prediction_id', '=', id).executeTakeFirst();
    return row && { predictionId: row.prediction_id, value: row.value, knownTime: row.known_time };
  }

  /** Keeps labels that are new, and the event that tells of them, in one transaction; gives how many were new. */
  async addLabels(endpoint: string, labels: readonly KeptLabel[], encode: (fresh: readonly KeptLabel[]) => EventRecord): Promise<number> {
    return this.store.write(async (tx, emit) => {
      const fresh: KeptLabel[] = [];
      for (let start = 0; start < labels.length; start += CHUNK) {
        const chunk = labels.slice(start, start + CHUNK);
        const added = await tx
          .insertInto('endpoint_label')
          .values(chunk.map(({ predictionId, value, knownTime }) => ({ prediction_id: predictionId, endpoint, value, known_time: knownTime })))
          .onConflict((conflict) => conflict.columns(['endpoint', 'prediction_id']).doNothing())
          .returning('prediction_id')
          .execute();
        const ids = new Set(added.map(({ prediction_id }) => prediction_id));
        fresh.push(...chunk.filter(({ predictionId }) => ids.delete(predictionId)));
      }
      if (fresh.length > 0) emit(encode(fresh));
      return fresh.length;
    });
  }

  /** Forgets what was answered before a time, with its labels; gives how many predictions. A bit at a time, so that others get their turn. */
  async forgetBefore(time: Date): Promise<number> {
    const bound = uuidBound(time);
    let forgotten = 0;
    for (let deleted = CHUNK; deleted === CHUNK; forgotten += deleted) {
      const old = await this.store.db.selectFrom('logged_prediction').select('id').where('id', '<', bound).orderBy('id').limit(CHUNK).execute();
      if (old.length > 0) await this.store.db.deleteFrom('logged_prediction').where('id', 'in', old.map(({ id }) => id)).execute();
      deleted = old.length;
    }
    await this.store.db.deleteFrom('endpoint_label').where('prediction_id', '<', bound).execute();
    return forgotten;
  }
}
