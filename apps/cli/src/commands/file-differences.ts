import { parse } from 'yaml';

/** One place of a pipeline file that differs. */
export interface Difference {
  /** Such as `ladder.trees.params.trees`. */
  readonly path: string;
  /** In one line; undefined where it was not there. */
  readonly was: string | undefined;
  /** In one line; undefined where it is gone. */
  readonly is: string | undefined;
}

/** What differs between two pipeline files, place by place; comments and the order of keys do not count. */
export const fileDifferences = (was: string, is: string): readonly Difference[] => between('', parse(was), parse(is));

function between(path: string, was: unknown, is: unknown): readonly Difference[] {
  if (words(was) === words(is)) return [];
  const [before, after] = [partsOf(was), partsOf(is)];
  if (!before || !after) return [{ path, was: words(was), is: words(is) }];
  const within = [...new Set([...before.keys(), ...after.keys()])].flatMap((key) => between(path === '' ? key : `${path}.${key}`, before.get(key), after.get(key)));
  // A list whose parts only change places.
  return within.length > 0 ? within : [{ path, was: words(was), is: words(is) }];
}

/** The parts of a map, or of a list: by their names where all have one, by themselves where all are words, else by their places. Undefined for what has no parts. */
function partsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const list = value as readonly unknown[];
  const names = list.map((item) => (typeof item === 'string' ? item : typeof item === 'object' && item !== null && 'name' in item && typeof item.name === 'string' ? item.name : undefined));
  const named = names.every((name) => name !== undefined) && new Set(names).size === names.length;
  return new Map(list.map((item, i) => [named ? (names[i] ?? '') : String(i), item]));
}

/** Any value in one line; equal values have equal words. */
function words(value: unknown): string | undefined {
  return value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner));
}
