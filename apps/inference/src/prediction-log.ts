import type { EventRecord } from '@millrace/core';
import type { LoggedPrediction } from './predictor.js';

/** Predictions of one endpoint version that are logged together. */
export interface PredictionBatch {
  readonly endpoint: string;
  readonly modelVersion: string;
  readonly inputs: readonly string[];
  readonly predictions: readonly LoggedPrediction[];
}

/** Where batches become durable: false means that they were shed, because the spool is full. */
export type AppendRecord = (record: EventRecord) => Promise<boolean>;

/** How a log reaches the outside. */
export interface PredictionLogOptions {
  readonly append: AppendRecord;
  /** Throws where a batch makes no record, such as one that is too large for the bus. */
  readonly encode: (batch: PredictionBatch) => EventRecord;
  /** Told of predictions that were answered and will never be logged, with the error where it is not for want of room. */
  readonly onShed: (predictions: number, error?: unknown) => void;
}

/** How long a prediction may wait in memory for company, and how many wait at most. */
const WAIT_MS = 20;
const MAX_BATCH = 200;

/** Gathers predictions that were answered into records of some hundred, because a record each would cost more than the prediction. */
export class PredictionLog {
  readonly #waiting = new Map<string, { batch: Omit<PredictionBatch, 'predictions'>; predictions: LoggedPrediction[] }>();
  #timer: NodeJS.Timeout | undefined;
  readonly #writing = new Set<Promise<void>>();

  constructor(private readonly options: PredictionLogOptions) {}

  /** Takes answered predictions; returns at once, and never throws: they have been answered. */
  add({ predictions, ...batch }: PredictionBatch): void {
    const key = `${batch.endpoint} ${batch.modelVersion}`;
    const found = this.#waiting.get(key) ?? { batch, predictions: [] };
    this.#waiting.set(key, found);
    for (const prediction of predictions) found.predictions.push(prediction);
    if (found.predictions.length >= MAX_BATCH) this.#write(key);
    else this.#timer ??= setTimeout(() => this.#writeAll(), WAIT_MS);
  }

  /** Resolves when all that was added before is durable, or was shed. */
  async flush(): Promise<void> {
    this.#writeAll();
    await Promise.all(this.#writing);
  }

  #writeAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const key of [...this.#waiting.keys()]) this.#write(key);
  }

  #write(key: string): void {
    const found = this.#waiting.get(key);
    if (!found) return;
    this.#waiting.delete(key);
    for (let start = 0; start < found.predictions.length; start += MAX_BATCH) this.#append({ ...found.batch, predictions: found.predictions.slice(start, start + MAX_BATCH) });
  }

  /** A batch that makes no record is halved, until only the prediction that makes none is left over. */
  #append(batch: PredictionBatch): void {
    const { predictions } = batch;
    let record: EventRecord;
    try {
      record = this.options.encode(batch);
    } catch (error) {
      if (predictions.length <= 1) return this.options.onShed(predictions.length, error);
      const half = predictions.length >> 1;
      this.#append({ ...batch, predictions: predictions.slice(0, half) });
      this.#append({ ...batch, predictions: predictions.slice(half) });
      return;
    }
    const work = this.options.append(record).then((kept) => {
      if (!kept) this.options.onShed(predictions.length);
    });
    this.#writing.add(work);
    void work.finally(() => this.#writing.delete(work));
  }
}
