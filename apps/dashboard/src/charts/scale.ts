/** What a value may be that has a place on an axis. */
export type Placed = number | string;

/** Where values stand on an axis, from 0 to 1, and what is written beside it. */
export interface Scale {
  readonly at: (value: Placed | undefined) => number | undefined;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
}

/** So many different words fit beside an axis. */
const MOST_WORDS = 16;
const TICKS = 4;

/** A number in the digits that tell it from its neighbours at this step. */
export function tickText(value: number, step: number): string {
  const size = Math.abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-3 && step < 1e-3)) return value.toExponential(1).replace('.0e', 'e');
  return value.toLocaleString('en-GB', { maximumFractionDigits: Math.max(0, Math.min(12, Math.ceil(-Math.log10(step)))) });
}

/** Round numbers from the least to the most, a few of them. */
export function roundTicks(least: number, most: number): readonly number[] {
  const rough = (most - least) / TICKS;
  if (!(rough > 0) || !Number.isFinite(rough)) return [least];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((each) => each >= rough * (1 - 1e-9)) ?? power * 10;
  const first = Math.ceil(least / step - 1e-9);
  return Array.from({ length: Math.floor(most / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}

/** The scale on which these values stand: numbers in proportion, words side by side in their order. */
export function scaleOf(values: readonly (Placed | undefined)[]): Scale {
  const there = values.filter((value) => value !== undefined);
  return there.some((value) => typeof value === 'string') ? wordScale(there.map(String)) : numberScale(there.filter((value): value is number => typeof value === 'number' && Number.isFinite(value)));
}

function numberScale(numbers: readonly number[]): Scale {
  const [least, most] = numbers.reduce(([low, high], each) => [Math.min(low, each), Math.max(high, each)], [Infinity, -Infinity]);
  const spread = most - least;
  const at = (value: Placed | undefined): number | undefined => (typeof value !== 'number' || !Number.isFinite(value) ? undefined : spread > 0 ? (value - least) / spread : 0.5);
  const ticks = numbers.length === 0 ? [] : roundTicks(least, most);
  const [first = 0, second] = ticks;
  const step = second === undefined ? Math.abs(first) / 1_000 || 1 : second - first;
  return { at, ticks: ticks.map((tick) => ({ at: at(tick) ?? 0, text: tickText(tick, step) })) };
}

function wordScale(words: readonly string[]): Scale {
  const all = [...new Set(words)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const places = new Map(all.map((word, i) => [word, all.length === 1 ? 0.5 : i / (all.length - 1)]));
  const every = Math.ceil(all.length / MOST_WORDS);
  return { at: (value) => (value === undefined ? undefined : places.get(String(value))), ticks: all.filter((_, i) => i % every === 0).map((text) => ({ at: places.get(text) ?? 0, text })) };
}
