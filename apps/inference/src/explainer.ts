import type { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { parseReference, type Reference } from '@millrace/ml';
import type { ObjectStore } from '@millrace/objects';
import type { FeedCell } from '@millrace/plan';
import { type Client, detached } from '@millrace/rpc';
import { errors } from './errors.js';
import type { LoadedEndpoint } from './loaded-endpoint.js';
import type { LoggedPrediction, Question } from './predictor.js';
import { typicalCells } from './typical-cells.js';

/** Rows that are explained in one request: each is scored once more for every input. */
export const MAX_EXPLAINED_ROWS = 100;
/** Contributions that may be asked for. */
export const MAX_CONTRIBUTIONS = 100;

/** What one input did to one score: how much the score falls when the typical value of training stands in its place, all else as it was. */
export interface Contribution {
  readonly input: string;
  readonly change: number;
  /** Undefined where it is typical that it is missing. */
  readonly typical: FeedCell;
}

/** Explains the predictions of one question, in their order; those that were refused have nothing to explain. */
export type Explain = (predictions: readonly LoggedPrediction[]) => Promise<readonly (readonly Contribution[])[]>;

/**
 * Says which inputs moved a score, by occlusion (Zeiler and Fergus 2014, for pixels; here for inputs): the model that answered scores the row once more
 * for every input, with what was typical of training in its place. It holds for every model, features of the online store included.
 */
export class Explainer {
  readonly #typical = new WeakMap<LoadedEndpoint, Promise<ReadonlyMap<string, FeedCell>>>();

  constructor(
    private readonly objects: ObjectStore,
    private readonly registry: Client<typeof RegistryServiceDefinition>,
  ) {}

  /** What explains the answers of a question; undefined where none is asked for. Throws CONTRIBUTIONS_WRONG, TOO_MANY_EXPLAINED or NOT_EXPLAINABLE, before anything is answered. */
  async prepare(loaded: LoadedEndpoint, { rows, contributions = 0 }: Question): Promise<Explain | undefined> {
    if (!Number.isInteger(contributions) || contributions < 0 || contributions > MAX_CONTRIBUTIONS) throw errors.CONTRIBUTIONS_WRONG({ contributions: Number.isNaN(contributions) ? 'What was given' : String(contributions) });
    if (contributions === 0) return undefined;
    if (rows.length > MAX_EXPLAINED_ROWS) throw errors.TOO_MANY_EXPLAINED({ rows: String(rows.length), limit: String(MAX_EXPLAINED_ROWS) });
    const typical = await this.#typicalOf(loaded);
    return (predictions) => Promise.all(predictions.map(async (prediction) => (prediction.refused === '' ? contributionsOf(loaded, { prediction, typical, most: contributions }) : [])));
  }

  #typicalOf(loaded: LoadedEndpoint): Promise<ReadonlyMap<string, FeedCell>> {
    const known = this.#typical.get(loaded);
    if (known) return known;
    const made = this.#reference(loaded).then((reference) => typicalCells(reference, loaded.types));
    this.#typical.set(loaded, made);
    made.catch(() => this.#typical.delete(loaded));
    return made;
  }

  async #reference({ endpoint: { modelVersion } }: LoadedEndpoint): Promise<Reference> {
    // Held for every later caller: the one who asked first may leave.
    const { reference } = await detached(() => this.registry.getModelVersion({ name: modelVersion }));
    if (!reference) throw errors.NOT_EXPLAINABLE({ version: modelVersion });
    return parseReference(JSON.parse(Buffer.from(await this.objects.read(reference.digest)).toString('utf8')));
  }
}

interface Asked {
  readonly prediction: LoggedPrediction;
  readonly typical: ReadonlyMap<string, FeedCell>;
  readonly most: number;
}

async function contributionsOf({ inputs, scorer }: LoadedEndpoint, { prediction, typical, most }: Asked): Promise<readonly Contribution[]> {
  const row = Object.fromEntries(inputs.map((name, i) => [name, prediction.inputs[i]]));
  const known = inputs.filter((name) => typical.has(name));
  const scores = await scorer.scoreRows(known.map((name) => ({ ...row, [name]: typical.get(name) })));
  return known
    .map((input, i) => ({ input, change: prediction.score - (scores[i] ?? Number.NaN), typical: typical.get(input) }))
    .filter(({ change }) => Number.isFinite(change) && change !== 0)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change))
    .slice(0, most);
}
