import type { ColumnType } from '@millrace/core';
import type { FeedCell, FeedRow } from '@millrace/plan';
import type { Scorer } from '@millrace/scoring';
import type { Endpoint } from './endpoint.js';
import { compileGuard, type Verdict } from './guard.js';

/** An endpoint with its model in memory, ready to answer. */
export class LoadedEndpoint {
  /** Names of the inputs, in the order in which they are logged. */
  readonly inputs: readonly string[];
  readonly check: (row: FeedRow) => Verdict;
  /** The same names with their types, for look-ups. */
  readonly types: ReadonlyMap<string, ColumnType>;
  #users = 0;
  #retired = false;

  constructor(
    readonly endpoint: Endpoint,
    readonly scorer: Scorer,
  ) {
    const { signature } = scorer.artifact;
    this.inputs = signature.inputs.map(({ name }) => name);
    this.types = new Map(signature.inputs.map(({ name, type }) => [name, type]));
    this.check = compileGuard(signature, endpoint.guard);
  }

  /** The inputs of a row as they are logged: each as its type has it, whichever door it came through. */
  cells(row: FeedRow): readonly FeedCell[] {
    return this.scorer.artifact.signature.inputs.map(({ name, type }) => {
      const cell = row[name] ?? undefined;
      return type === 'INT64' && Number.isSafeInteger(cell) ? BigInt(cell as number) : cell;
    });
  }

  /** Runs `work` while the model is kept in memory, also when the endpoint moves on meanwhile. */
  async use<T>(work: (loaded: LoadedEndpoint) => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work(this);
    } finally {
      this.#users--;
      if (this.#retired && this.#users === 0) await this.scorer.close();
    }
  }

  /** Lets the model go as soon as nobody uses it. */
  async retire(): Promise<void> {
    this.#retired = true;
    if (this.#users === 0) await this.scorer.close();
  }
}
