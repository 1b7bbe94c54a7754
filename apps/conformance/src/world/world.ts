import type { Home } from '../home/home.js';
import { type Experiment, makeExperiment, makeModel, type Model } from './registered.js';
import { ask, type Asked } from './asked.js';
import { type Catalogued, makeCatalogued } from './catalogued.js';
import { makeDirty, type Dirty } from './dirty.js';
import { loseLetters, type LostLetters } from './lost-letters.js';
import { type Late, tellLate } from './late.js';
import { makeTrips, type Trips } from './trips.js';
import { tellWatched, type Watched } from './watched.js';

/** What cases share, made when the first of them asks for it. */
export class World {
  readonly #made = new Map<string, Promise<unknown>>();

  constructor(private readonly home: Home) {}

  /** A dataset of two versions with rows that were set aside and cells that were mended. */
  dirty(): Promise<Dirty> {
    return this.#once('dirty', () => makeDirty(this.home));
  }

  /** A day of trips, with a view over them that nobody has filled. */
  trips(): Promise<Trips> {
    return this.#once('trips', () => makeTrips(this.home));
  }

  /** A view of three versions, with an owner and a tag. */
  catalogued(): Promise<Catalogued> {
    return this.#once('catalogued', async () => (await this.trips(), makeCatalogued(this.home)));
  }

  /** Experiments, one with runs and a metric. */
  experiment(): Promise<Experiment> {
    return this.#once('experiment', () => makeExperiment(this.home));
  }

  /** A model with versions and aliases. */
  model(): Promise<Model> {
    return this.#once('model', () => makeModel(this.home));
  }

  /** The pipeline of late flights, applied and run: data, features, a trained model, an endpoint and a monitor. */
  late(): Promise<Late> {
    return this.#once('late', () => tellLate(this.home));
  }

  /** An endpoint with three logged predictions. */
  asked(): Promise<Asked> {
    return this.#once('asked', async () => (await this.late(), ask(this.home)));
  }

  /** The endpoint of late flights after traffic that drifts and labels that contradict it. */
  watched(): Promise<Watched> {
    return this.#once('watched', async () => tellWatched(this.home, await this.late()));
  }

  /** Two events that nobody can read. */
  lostLetters(): Promise<LostLetters> {
    return this.#once('lost letters', () => loseLetters(this.home));
  }

  #once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const known = this.#made.get(name) ?? make();
    this.#made.set(name, known);
    return known as Promise<T>;
  }
}
