import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';

/** What the services have acknowledged, as the driver heard it: in memory, and in a log that is on the disk before the driver goes on. */
export class Acknowledgements {
  #log;
  /** Predictions that were answered: id → when, in ms on the driver's clock. */
  answered = new Map();
  /** Predictions that GetPrediction has given back: these are durable. */
  confirmed = new Set();
  /** Predictions that died with their process before the log had them: by design, see `judgeAnswered`. */
  lost = new Set();
  /** Predictions that some dead process had left in its spool. */
  spooled = new Set();
  /** Labels by prediction id. */
  labels = new Map();
  /** Pushes by request id, with their views and flights. */
  pushes = new Map();
  /** Resource names by kind: datasetVersion, ingestionRun, pipelineVersion, pipelineRun, endedRun, modelVersion, report, firing. */
  names = new Map();

  constructor(file) {
    this.#log = openSync(file, 'a');
  }

  answer(ids) {
    const now = performance.now();
    for (const id of ids) this.answered.set(id, now);
    this.#write('answered', ids);
  }

  confirm(id) {
    this.confirmed.add(id);
    this.#write('confirmed', [id]);
  }

  label(labels) {
    for (const { predictionId, value } of labels) this.labels.set(predictionId, value);
    this.#write('labels', labels.map(({ predictionId }) => predictionId));
  }

  push(requestId, pushed) {
    this.pushes.set(requestId, pushed);
    this.#write('pushed', [requestId]);
  }

  /** A resource that was named in an answer, with what was said of it. */
  name(kind, name, said = '') {
    const known = this.names.get(kind) ?? new Map();
    if (known.has(name)) return;
    this.names.set(kind, known.set(name, said));
    this.#write(kind, [name, said]);
  }

  get size() {
    return this.answered.size + this.confirmed.size + this.labels.size + this.pushes.size + [...this.names.values()].reduce((sum, names) => sum + names.size, 0);
  }

  close() {
    closeSync(this.#log);
  }

  #write(kind, ids) {
    writeSync(this.#log, `${JSON.stringify({ kind, ids })}\n`);
    fdatasyncSync(this.#log);
  }
}
