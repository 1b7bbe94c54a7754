import type { Cell } from '@millrace/core';

/** Features of one key as they were served. */
export interface ServedVector {
  readonly id: string;
  /** Microseconds. */
  readonly time: number;
  /** What was asked: request columns that hold join keys, or what views on demand read; one value, or none where it was missing. Times are milliseconds. */
  readonly keys: Readonly<Record<string, readonly ServedValue[]>>;
  /** By feature one value, or none where it was missing; a feature that is not there is not compared. Times are milliseconds. */
  readonly values: Readonly<Record<string, readonly ServedValue[]>>;
}

export type ServedValue = bigint | number | string | boolean | undefined;

/** What came of one feature. */
export interface CheckedFeature {
  readonly feature: string;
  readonly values: number;
  readonly mismatches: number;
  /** The first mismatch in words; empty without one. */
  readonly example: string;
}

/** Compares vectors with what history gives for them, one row a vector, to the bit; most mismatches first. */
export function compareVectors(vectors: readonly ServedVector[], history: readonly Readonly<Record<string, Cell>>[], features: readonly string[]): readonly CheckedFeature[] {
  const checked = features.map((feature) => {
    let [values, mismatches, example] = [0, 0, ''];
    vectors.forEach(({ id, values: served }, i) => {
      if (!Object.hasOwn(served, feature)) return;
      const [now, then] = [comparable(served[feature]?.[0]), comparable(history[i]?.[feature])];
      values++;
      if (Object.is(now, then)) return;
      mismatches++;
      if (example === '') example = `${id} was served ${words(now)}, history says ${words(then)}`;
    });
    return { feature, values, mismatches, example };
  });
  return checked.filter(({ values }) => values > 0).sort((a, b) => b.mismatches - a.mismatches || (a.feature < b.feature ? -1 : 1));
}

/** A value in the one form in which it is compared: times in milliseconds, and NaN for missing, because a model is asked with it. */
export function comparable(cell: Cell | ServedValue): ServedValue {
  if (cell instanceof Date) return cell.getTime();
  return typeof cell === 'number' && Number.isNaN(cell) ? undefined : (cell as ServedValue);
}

const words = (value: ServedValue): string => (value === undefined ? 'nothing' : String(value));
