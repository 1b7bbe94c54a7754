import type { ColumnProfile, DistinctKind, ValueCount } from './column-profile.js';
import { MAX_TOP, PROFILE_QUANTILES } from './column-profile.js';
import { type CoMoments, mergeCoMoments } from './correlation.js';
import { mergeHistograms, quantileOf } from './histogram.js';

/** The profile of some rows. */
export interface Profile {
  readonly rows: number;
  readonly columns: readonly ColumnProfile[];
  readonly coMoments: readonly CoMoments[];
}

/** The profile of the rows of both, which have the same columns. */
export function mergeProfiles(a: Profile, b: Profile): Profile {
  if (a.rows === 0 || b.rows === 0) return a.rows === 0 ? b : a;
  const others = new Map(b.columns.map((column) => [column.column, column]));
  const pairs = new Map(b.coMoments.map((pair) => [`${pair.left}\0${pair.right}`, pair]));
  return {
    rows: a.rows + b.rows,
    columns: a.columns.flatMap((column) => {
      const other = others.get(column.column);
      return other ? [mergeColumns(column, other, { rows: a.rows, otherRows: b.rows })] : [];
    }),
    coMoments: a.coMoments.flatMap((pair) => {
      const other = pairs.get(`${pair.left}\0${pair.right}`);
      return other ? [mergeCoMoments(pair, other)] : [];
    }),
  };
}

function mergeColumns(a: ColumnProfile, b: ColumnProfile, { rows, otherRows }: { rows: number; otherRows: number }): ColumnProfile {
  if (rows === a.missing) return { ...b, missing: a.missing + b.missing };
  if (otherRows === b.missing) return { ...a, missing: a.missing + b.missing };
  const { top, complete } = mergeTop(a, b);
  const distinct: { distinct: number; distinctKind: DistinctKind } = complete ? { distinct: top.length, distinctKind: 'EXACT' } : { distinct: Math.max(a.distinct, b.distinct), distinctKind: 'AT_LEAST' };
  const histogram = a.histogram && b.histogram && mergeHistograms(a.histogram, b.histogram);
  const [min, max] = [Math.min(a.min ?? Number.NaN, b.min ?? Number.NaN), Math.max(a.max ?? Number.NaN, b.max ?? Number.NaN)];
  return {
    column: a.column,
    type: a.type,
    missing: a.missing + b.missing,
    ...distinct,
    ...(Number.isNaN(min) ? {} : { min, max }),
    ...(a.minInt64 === undefined || b.minInt64 === undefined ? {} : { minInt64: a.minInt64 < b.minInt64 ? a.minInt64 : b.minInt64 }),
    ...(a.maxInt64 === undefined || b.maxInt64 === undefined ? {} : { maxInt64: a.maxInt64 > b.maxInt64 ? a.maxInt64 : b.maxInt64 }),
    ...mergeMoments(a, b, { n: rows - a.missing, m: otherRows - b.missing }),
    quantiles: histogram === undefined ? [] : PROFILE_QUANTILES.map((share) => (share === 0 ? min : share === 1 ? max : Math.min(max, Math.max(min, quantileOf(histogram, share))))),
    quantilesExact: false,
    ...(histogram === undefined ? {} : { histogram }),
    top,
    topComplete: complete,
  };
}

/** Mean and standard deviation of all values (Chan et al. 1983); `n` and `m` values are there. */
function mergeMoments(a: ColumnProfile, b: ColumnProfile, { n, m }: { n: number; m: number }): Partial<Pick<ColumnProfile, 'mean' | 'stddev'>> {
  if (a.mean === undefined || b.mean === undefined) return {};
  const delta = b.mean - a.mean;
  const mean = a.mean + (delta / (n + m)) * m;
  const squares = (a.stddev ?? 0) ** 2 * (n - 1) + (b.stddev ?? 0) ** 2 * (m - 1) + delta * delta * ((n / (n + m)) * m);
  const stddev = Math.sqrt(squares / (n + m - 1));
  return { ...(Number.isFinite(mean) ? { mean } : {}), ...(Number.isFinite(stddev) ? { stddev } : {}) };
}

function mergeTop(a: ColumnProfile, b: ColumnProfile): { readonly top: readonly ValueCount[]; readonly complete: boolean } {
  const counts = new Map<string, number>();
  for (const { value, count } of [...a.top, ...b.top]) counts.set(value, (counts.get(value) ?? 0) + count);
  const all = [...counts].map(([value, count]) => ({ value, count })).sort((x, y) => y.count - x.count || (x.value < y.value ? -1 : 1));
  return { top: all.slice(0, MAX_TOP), complete: a.topComplete === true && b.topComplete === true && all.length <= MAX_TOP };
}
