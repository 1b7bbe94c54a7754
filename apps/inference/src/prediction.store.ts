import { type EventRecord, type PageRequest, uuidBound } from '@millrace/core';
import { PredictionsLogged } from '@millrace/contracts/millrace/inference/v1/events';
import type { PredictionRecord } from '@millrace/contracts/millrace/inference/v1/prediction';
import type { Store } from '@millrace/store';
import { endpointName } from './endpoint.js';
import { idRange } from './inference.events.js';
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
/** Batches that are read at once. */
const PART = 16;
/** Behind every id. */
const LAST_ID = 'g';
/** Batches of one endpoint whose ids can overlap: those of its versions, and of all processes that answer for it at one moment. */
const OVERLAPPING = 64;

/** The queryable log of predictions, and the labels that came for them. Predictions are kept in the batches that they were logged in: a row each would cost more than the prediction. */
export class PredictionStore {
  constructor(private readonly store: Store<InferenceTables>) {}

  /** Adds batches as they were logged, in one transaction; those that are there already stay as they are. */
  async add(batches: readonly EventRecord[]): Promise<void> {
    const rows = batches.flatMap((batch) => {
      const ids = idRange(batch);
      return ids ? [{ first_id: ids.first, last_id: ids.last, endpoint: endpointName.parse(batch.key).endpoint, predictions: ids.predictions, body: batch.value }] : [];
    });
    await this.store.write(async (tx) => {
      for (const row of rows) await tx.insertInto('prediction_batch').values(row).onConflict((conflict) => conflict.column('first_id').doNothing()).execute();
    });
  }

  async find(endpoint: string, id: string): Promise<KeptPrediction | undefined> {
    const near = await this.store.db.selectFrom('prediction_batch').select(['first_id', 'last_id']).where('endpoint', '=', endpoint).where('first_id', '<=', id).orderBy('first_id', 'desc').limit(OVERLAPPING).execute();
    for (const { first_id } of near.filter(({ last_id }) => last_id >= id)) {
      const row = await this.store.db.selectFrom('prediction_batch').select('body').where('first_id', '=', first_id).executeTakeFirst();
      const { records, inputs } = PredictionsLogged.decode(row?.body ?? new Uint8Array());
      const record = records.find((candidate) => candidate.id === id);
      if (record) return { record, inputs };
    }
    return undefined;
  }

  /** Newest first, one more than the page holds. */
  async list(endpoint: string, page: PageRequest): Promise<readonly KeptPrediction[]> {
    const found: KeptPrediction[] = [];
    const { after = LAST_ID } = page;
    for (let skip = 0; ; skip += PART) {
      const batches = await this.store.db.selectFrom('prediction_batch').select(['last_id', 'body']).where('endpoint', '=', endpoint).where('first_id', '<', after).orderBy('last_id', 'desc').orderBy('first_id').offset(skip).limit(PART).execute();
      for (const { last_id, body } of batches) {
        // Batches may overlap: what is found is the newest once no batch that is left reaches it.
        if (found.length > page.size && last_id < (found[page.size]?.record.id ?? '')) return found.slice(0, page.size + 1);
        const { records, inputs } = PredictionsLogged.decode(body);
        found.push(...records.filter(({ id }) => id < after).map((record) => ({ record, inputs })));
        found.sort((a, b) => (a.record.id < b.record.id ? 1 : -1));
      }
      if (batches.length < PART) return found.slice(0, page.size + 1);
    }
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

  /** Forgets batches of which all was answered before a time, and the labels of then; gives how many predictions. A bit at a time, so that others get their turn. */
  async forgetBefore(time: Date): Promise<number> {
    const bound = uuidBound(time);
    let forgotten = 0;
    for (;;) {
      const old = await this.store.db.selectFrom('prediction_batch').select(['first_id', 'predictions']).where('first_id', '<', bound).where('last_id', '<', bound).orderBy('first_id').limit(CHUNK).execute();
      if (old.length > 0) await this.store.db.deleteFrom('prediction_batch').where('first_id', 'in', old.map(({ first_id }) => first_id)).execute();
      forgotten += old.reduce((sum, { predictions }) => sum + predictions, 0);
      if (old.length < CHUNK) break;
    }
    await this.store.db.deleteFrom('endpoint_label').where('prediction_id', '<', bound).execute();
    return forgotten;
  }
}
