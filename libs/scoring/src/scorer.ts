import { Worker } from 'node:worker_threads';
import { entryUrl, type Schema } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import { feedRows, type FeedRow, inputLayout, type InputLayout, type PackedInputs } from '@millrace/plan';
import { type Artifact, readArtifact } from './artifact.js';
import { errors } from './errors.js';
import { ModelSession } from './session.js';

/** Batches of so many rows go to a worker thread, so that health checks still answer. */
export const WORKER_ROWS = 256;

/** Message to and from a worker. */
export interface ScoreRequest {
  readonly id: number;
  readonly inputs: PackedInputs;
}
export type ScoreAnswer = { readonly id: number; readonly scores: Float64Array } | { readonly id: number; readonly error: string };

/** One loaded model: the same graph for one row and for many. */
export class Scorer {
  #worker: Worker | undefined;
  #next = 0;
  #closed = false;
  readonly #waiting = new Map<number, { resolve: (scores: Float64Array) => void; reject: (error: unknown) => void }>();

  private constructor(
    readonly artifact: Artifact,
    readonly layout: InputLayout,
    private readonly session: ModelSession,
  ) {}

  static async open(objects: ObjectStore, digest: string): Promise<Scorer> {
    const artifact = await readArtifact(objects, digest);
    const layout = inputLayout(inputSchema(artifact));
    return new Scorer(artifact, layout, await ModelSession.open(artifact.onnxFile, layout));
  }

  /** The score of each row; a cell of a wrong type is refused with its row and column. */
  async scoreRows(rows: readonly FeedRow[]): Promise<Float64Array> {
    return this.score(feedRows(this.layout, rows));
  }

  /** The score of each packed row. */
  async score(inputs: PackedInputs): Promise<Float64Array> {
    if (this.#closed) throw errors.SCORER_CLOSED({});
    if (inputs.rows === 0) return new Float64Array();
    return inputs.rows < WORKER_ROWS ? this.session.run(inputs) : this.#scoreInWorker(inputs);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#fail(errors.SCORER_CLOSED({}));
    await this.#worker?.terminate();
    await this.session.close();
  }

  #scoreInWorker(inputs: PackedInputs): Promise<Float64Array> {
    const worker = (this.#worker ??= this.#start());
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, inputs } satisfies ScoreRequest);
    });
  }

  #start(): Worker {
    const worker = new Worker(entryUrl(import.meta.url, './score.worker.js'), { workerData: { onnxFile: this.artifact.onnxFile, layout: this.layout }, execArgv: [] });
    worker.unref();
    worker.on('message', (answer: ScoreAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('scores' in answer) waiting?.resolve(answer.scores);
      else waiting?.reject(errors.SCORING_FAILED({ why: answer.error }));
    });
    const lost = (why: string) => {
      // A thread that fails also ends: by then another may be at work.
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#fail(errors.SCORING_FAILED({ why }));
    };
    worker.on('error', (error: unknown) => lost(error instanceof Error ? error.message : String(error)));
    worker.on('exit', () => lost('its thread ended'));
    return worker;
  }

  #fail(error: unknown): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

/** The inputs of a model as a schema, in the order of its signature. */
export const inputSchema = ({ signature }: Pick<Artifact, 'signature'>): Schema => signature.inputs.map(({ name, type, nullable }) => ({ name, type, nullable }));
