import type { FeatureView } from '../../feature-view.js';
import { EntityState } from '../entity-state.js';
import type { LatestRow, TileDelta } from '../view-delta.js';
import { tilesHeld } from '../view-state.js';
import { expiryOf, newestOf } from './expiry.js';
import type { Asked } from './held-values.js';
import { packEntity, packPart, unpackEntity } from './packed-entity.js';
import type { StampedValue } from './values.store.js';

/** What is appended to a value may come to this share of its first part, and to these bytes, before the value is written whole again. */
const LONGEST_TAIL = 0.5;
const LEAST_TAIL_BYTES = 512;

/** What one push adds to one key. */
export interface Addition {
  readonly sequence: bigint;
  readonly tiles: readonly TileDelta[];
  readonly latest: readonly LatestRow[];
}

/** What is to be written so that a value has all additions, undefined when it has them already, and when the value may expire. */
export function growthOf(view: FeatureView, asked: Asked, { additions, now }: { readonly additions: readonly Addition[]; readonly now: number }): { readonly expires: number; readonly value: StampedValue | undefined } {
  const fresh = freshOf(asked, additions);
  const delta = { tiles: fresh.flatMap(({ tiles }) => tiles), latest: fresh.flatMap(({ latest }) => latest), older: [] };
  const { held, key } = asked;
  const expires = expiryOf(view, Math.max(held?.entity.state.newest(view.tile) ?? -Infinity, newestOf(delta, view.tile)), now);
  const stamp = fresh.at(-1)?.sequence;
  if (stamp === undefined) return { expires, value: undefined };
  const part = packPart(stamp, delta);
  if (held && held.length + part.length - held.firstLength <= Math.max(LEAST_TAIL_BYTES, held.firstLength * LONGEST_TAIL)) return { expires, value: { asked, bytes: part, state: undefined, expires } };
  // A copy: the state that is held is for all to read, and what is made here may be refused.
  const before = packEntity({ stamp: asked.stamp, state: held?.entity.state ?? new EntityState() });
  const { state } = unpackEntity(Buffer.concat([before, part]), key, tilesHeld(view));
  return { expires, value: { asked, bytes: packEntity({ stamp, state }), state, expires } };
}

/** The additions that a value does not have yet. */
export const freshOf = ({ stamp }: Asked, additions: readonly Addition[]): readonly Addition[] => additions.filter(({ sequence }) => sequence > stamp);
