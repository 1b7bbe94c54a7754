import { createHash } from 'node:crypto';
import type { Run } from './experiment.js';
import type { RunColumn } from './run-column.js';

/** A value of a run with its place among all values of its column. */
export interface RunValue extends RunColumn {
  readonly place: Uint8Array;
}

const NUMBER = 1;
const TEXT = 2;
/** Of a longer text only the beginning counts for its order, and a digest for the rest: an index takes no more. */
const TEXT_BYTES = 256;
const NUMERIC = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number that a text is, if it is one. */
export function numberIn(text: string): number | undefined {
  const number = NUMERIC.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** The place of a number: bytes that compare as numbers do. */
export function placeOfNumber(number: number): Uint8Array {
  const place = new Uint8Array(9);
  const view = new DataView(place.buffer);
  place[0] = NUMBER;
  // With -0 as 0. A negative number has all its bits turned, any other its sign.
  view.setFloat64(1, number + 0);
  const bits = view.getBigUint64(1);
  view.setBigUint64(1, bits >> 63n === 1n ? ~bits : bits ^ (1n << 63n));
  return place;
}

/** The place of a text: after all numbers, whatever its case; one that reads as a number stands at that number. */
export function placeOfText(text: string): Uint8Array {
  const number = numberIn(text);
  const exact = Buffer.from(text);
  const head = number === undefined ? [TEXT] : placeOfNumber(number);
  return Buffer.concat([Uint8Array.from(head), folded(text), Uint8Array.of(0), exact.length > TEXT_BYTES ? createHash('sha256').update(exact).digest() : exact]);
}

/** How a text is found whatever its case. */
export const folded = (text: string): Uint8Array => Buffer.from(text.toLowerCase()).subarray(0, TEXT_BYTES);

/** The first place after all that begin with these bytes. */
export function placeAfter(prefix: Uint8Array): Uint8Array {
  const next = Uint8Array.from(prefix);
  for (let i = next.length - 1; i >= 0; i--) {
    const byte = next[i] ?? 0;
    next[i] = (byte + 1) % 256;
    if (byte < 255) return next.subarray(0, i + 1);
  }
  return Uint8Array.of(255);
}

/** Where numbers begin, and where they end and texts begin. */
export const NUMBERS = { from: Uint8Array.of(NUMBER), to: Uint8Array.of(TEXT) } as const;
/** Where texts begin, and where everything ends. */
export const TEXTS = { from: Uint8Array.of(TEXT), to: Uint8Array.of(TEXT + 1) } as const;

/** Everything that a run can be found by. A metric that is no number has no place. */
export function valuesOf({ state, displayName, startTime, endTime, params, metrics, tags }: Run): readonly RunValue[] {
  const field = (key: string, place: Uint8Array): RunValue => ({ kind: 'field', key, place });
  return [
    field('state', placeOfText(state)),
    ...(displayName === '' ? [] : [field('display_name', placeOfText(displayName))]),
    field('start_time', placeOfNumber(startTime)),
    ...(endTime === undefined ? [] : [field('end_time', placeOfNumber(endTime))]),
    ...Object.entries(params).map(([key, text]): RunValue => ({ kind: 'param', key, place: placeOfText(text) })),
    ...Object.entries(metrics).filter(([, value]) => !Number.isNaN(value)).map(([key, value]): RunValue => ({ kind: 'metric', key, place: placeOfNumber(value) })),
    ...Object.entries(tags).map(([key, text]): RunValue => ({ kind: 'tag', key, place: placeOfText(text) })),
  ];
}

/** What a change of a run puts in its place, and what it takes away. A run whose state changed is put as a whole. */
export function changedValues(before: Run | undefined, after: Run): { readonly put: readonly RunValue[]; readonly taken: readonly RunColumn[] } {
  const lost = Object.entries(after.metrics).filter(([key, value]) => Number.isNaN(value) && before !== undefined && !Number.isNaN(before.metrics[key] ?? Number.NaN));
  const taken = lost.map(([key]): RunColumn => ({ kind: 'metric', key }));
  if (before?.state !== after.state) return { put: valuesOf(after), taken };
  const changed = <Value>(was: Readonly<Record<string, Value>>, is: Readonly<Record<string, Value>>): Record<string, Value> => Object.fromEntries(Object.entries(is).filter(([key, value]) => was[key] !== value));
  const values = valuesOf({ ...after, params: changed(before.params, after.params), metrics: changed(before.metrics, after.metrics), tags: changed(before.tags, after.tags) });
  return { put: values.filter(({ kind }) => kind !== 'field'), taken };
}
