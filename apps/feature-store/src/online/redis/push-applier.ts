import { AppError, type Schema } from '@millrace/core';
import { errors } from '../../errors.js';
import { type FeatureView, featureViewName } from '../../feature-view.js';
import { foldRows } from '../fold.js';
import type { LatestRow, TileDelta } from '../view-delta.js';
import { tilesHeld } from '../view-state.js';
import { type Asked, askedOf } from './held-values.js';
import type { Marker } from './marker.js';
import type { LoggedPush, PushLogStore } from './push-log.store.js';
import { type Addition, freshOf, growthOf } from './value-growth.js';
import { MAX_BYTES, MAX_KEYS, type StampedValue, type ValuesStore } from './values.store.js';

/** Pushes that are applied together at most, and their rows. */
const MAX_PUSHES = 50;
/** So often a value that others write too is read again. */
const MAX_TRIES = 50;

/** What pushes are applied to: a view as it was filled, and one generation of its values. */
export interface Target {
  readonly view: FeatureView;
  readonly schema: Schema;
  readonly generation: string;
}

/** How far a generation has come. */
export type Progress = Pick<Marker, 'through' | 'expires'>;

/**
 * Adds pushes from the log to values in Redis, in the order of the log. Any number of instances may do so at once: a value carries the number of the last
 * push that is in it and only grows from what was read, so each push gets into each value once, whoever is first.
 */
export class PushApplier {
  constructor(
    private readonly log: PushLogStore,
    private readonly values: ValuesStore,
    private readonly options: { readonly onFault: (view: string, error: unknown) => void; readonly clock: () => Date },
  ) {}

  /** Applies the next pushes after `from`; gives how far the values have come, or undefined when there were none. */
  async step(target: Target, from: Progress): Promise<Progress | undefined> {
    const pushes = await this.log.since(target.view.view, from.through, MAX_PUSHES);
    const last = pushes.at(-1);
    if (!last) return undefined;
    const additions = this.#fold(target, pushes);
    const keys = [...additions.keys()];
    let { expires } = from;
    for (let start = 0; start < keys.length; start += MAX_KEYS) expires = Math.min(expires, await this.#add(target, { keys: keys.slice(start, start + MAX_KEYS), additions }));
    return { through: last.sequence, expires };
  }

  /** Folds each push by itself: a value may have some of them already. */
  #fold({ view, schema }: Target, pushes: readonly LoggedPush[]): ReadonlyMap<string, readonly Addition[]> {
    const additions = new Map<string, { sequence: bigint; tiles: TileDelta[]; latest: LatestRow[] }[]>();
    for (const { sequence, table } of pushes) {
      if (!table) continue;
      const of = (key: string): { tiles: TileDelta[]; latest: LatestRow[] } => {
        const known = additions.get(key) ?? [];
        const found = known.at(-1);
        if (found?.sequence === sequence) return found;
        const made = { sequence, tiles: [], latest: [] };
        known.push(made);
        additions.set(key, known);
        return made;
      };
      try {
        const { delta } = foldRows(view, table, { schema });
        for (const tile of delta.tiles) of(tile.key).tiles.push(tile);
        for (const row of delta.latest) of(row.key).latest.push(row);
      } catch (error) {
        // It lacks what the view has come to read since it was kept: told, and adds nothing.
        if (!(error instanceof AppError)) throw error;
        this.options.onFault(view.view, error);
      }
    }
    return additions;
  }

  /** Gives the earliest expiry among the keys. */
  async #add(target: Target, { keys, additions }: { keys: readonly string[]; additions: ReadonlyMap<string, readonly Addition[]> }): Promise<number> {
    const { view, generation } = target;
    const now = this.options.clock().getTime();
    let expires = Infinity;
    let left = keys;
    for (let tries = 0; left.length > 0; tries++) {
      if (tries === MAX_TRIES) throw errors.ONLINE_BUSY({ view: featureViewName.format(view) });
      const of = (key: string): readonly Addition[] => additions.get(key) ?? [];
      const asked = await this.#ask(target, left, (each) => tries === 0 && freshOf(each, of(each.key)).length > 0);
      const grown = asked.map((each) => growthOf(view, each, { additions: of(each.key), now }));
      const changed = grown.flatMap(({ value }): readonly StampedValue[] => (value ? [value] : []));
      expires = Math.min(expires, ...grown.map((each) => each.expires));
      const others: string[] = [];
      for (const batch of inBatches(changed)) others.push(...(await this.values.putStamped(view.view, generation, batch)));
      left = others;
    }
    return expires;
  }

  /** Asks Redis for values. What is held is believed where it will be written on, because Redis refuses that when it has something else. */
  async #ask({ view, generation }: Target, keys: readonly string[], willBeWritten: (asked: Asked) => boolean): Promise<readonly Asked[]> {
    const keep = tilesHeld(view);
    const held = keys.map((key) => this.values.ask(generation, key, keep));
    const unread = held.filter((asked) => !asked.held || !willBeWritten(asked));
    if (unread.length === 0) return held;
    const [read] = await this.values.read([{ view: view.view, generation, keys: unread.map(({ key }) => key), keep }]);
    return [...held.filter((asked) => !unread.includes(asked)), ...unread.map((asked, i) => askedOf(asked, read?.values[i]))];
  }
}

/** Values in parts that one command can take. */
export function* inBatches<Value extends { readonly bytes: Buffer }>(values: Iterable<Value>): Iterable<readonly Value[]> {
  let [batch, bytes]: [Value[], number] = [[], 0];
  for (const value of values) {
    if (batch.length === MAX_KEYS || (batch.length > 0 && bytes + value.bytes.length > MAX_BYTES)) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(value);
    bytes += value.bytes.length;
  }
  if (batch.length > 0) yield batch;
}

