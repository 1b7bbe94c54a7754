import { AppError, type Schema } from '@millrace/core';
import { errors } from '../../errors.js';
import { type FeatureView, featureViewName } from '../../feature-view.js';
import { EntityState } from '../entity-state.js';
import { foldRows } from '../fold.js';
import type { LatestRow, TileDelta } from '../view-delta.js';
import { tilesHeld } from '../view-state.js';
import { expiryOf } from './expiry.js';
import type { Marker } from './marker.js';
import { packEntity, unpackEntity } from './packed-entity.js';
import type { LoggedPush, PushLogStore } from './push-log.store.js';
import { MAX_BYTES, MAX_KEYS, type StampedValue, type ValuesStore } from './values.store.js';

/** Pushes that are applied together at most, and their rows. */
const MAX_PUSHES = 50;
/** So often a value that others write too is read again. */
const MAX_TRIES = 50;
const STAMP_BYTES = 9;

/** What pushes are applied to: a view as it was filled, and one generation of its values. */
export interface Target {
  readonly view: FeatureView;
  readonly schema: Schema;
  readonly generation: string;
}

/** How far a generation has come. */
export type Progress = Pick<Marker, 'through' | 'expires'>;

/** What one push adds to one key. */
interface Addition {
  readonly sequence: bigint;
  readonly tiles: readonly TileDelta[];
  readonly latest: readonly LatestRow[];
}

/**
 * Adds pushes from the log to values in Redis, in the order of the log. Any number of instances may do so at once: a value carries the number of the last
 * push that is in it and is only written over what was read, so each push gets into each value once, whoever is first.
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
  async #add({ view, generation }: Target, { keys, additions }: { keys: readonly string[]; additions: ReadonlyMap<string, readonly Addition[]> }): Promise<number> {
    let expires = Infinity;
    let left = keys;
    for (let tries = 0; left.length > 0; tries++) {
      if (tries === MAX_TRIES) throw errors.ONLINE_BUSY({ view: featureViewName.format(view) });
      const [read] = await this.values.read([{ view: view.view, generation, keys: left }]);
      const changed = left.flatMap((key, i): readonly StampedValue[] => {
        const made = this.#merge(view, { key, bytes: read?.values[i], additions: additions.get(key) ?? [] });
        expires = Math.min(expires, made.expires);
        return made.bytes === undefined ? [] : [{ key, expected: read?.values[i]?.subarray(1, STAMP_BYTES), bytes: made.bytes, expires: made.expires }];
      });
      const others: string[] = [];
      for (const batch of inBatches(changed)) others.push(...(await this.values.putStamped(view.view, generation, batch)).map(({ key }) => key));
      left = others;
    }
    return expires;
  }

  #merge(view: FeatureView, { key, bytes, additions }: { key: string; bytes: Buffer | undefined; additions: readonly Addition[] }): { bytes: Buffer | undefined; expires: number } {
    const { stamp, state } = bytes ? unpackEntity(bytes, key) : { stamp: 0n, state: new EntityState() };
    const now = this.options.clock().getTime();
    const fresh = additions.filter(({ sequence }) => sequence > stamp);
    for (const { tiles, latest } of fresh) {
      for (const tile of tiles) state.addTile(tile, tilesHeld(view));
      for (const row of latest) state.addLatest(row);
    }
    const expires = expiryOf(view, state, now);
    const last = fresh.at(-1);
    return { bytes: last && packEntity({ stamp: last.sequence, state }), expires };
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

