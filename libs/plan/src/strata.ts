/** A stratum and its rows. */
export interface Stratum {
  readonly stratum: string;
  readonly rowsBefore: number;
}

/**
 * How many rows of each stratum make up `wanted` of all: the whole part of its exact share, and one more for those with the largest remainders
 * (largest-remainder rule of Hamilton); of equal remainders the larger stratum comes first, then the earlier text. So the counts add up to `wanted`, or to all
 * rows where there are fewer, and each differs from its exact share by less than one row.
 */
export function allotted<S extends Stratum>(strata: readonly S[], wanted: number): readonly (S & { readonly rows: number })[] {
  const all = strata.reduce((sum, { rowsBefore }) => sum + BigInt(rowsBefore), 0n);
  const total = BigInt(wanted) < all ? BigInt(wanted) : all;
  // Products of counts are beyond a double's whole numbers.
  const exact = strata.map(({ rowsBefore }) => ({ whole: (total * BigInt(rowsBefore)) / (all || 1n), rest: (total * BigInt(rowsBefore)) % (all || 1n) }));
  const left = Number(total - exact.reduce((sum, { whole }) => sum + whole, 0n));
  const byRest = [...strata.keys()].sort((a, b) => {
    const difference = (exact[b]?.rest ?? 0n) - (exact[a]?.rest ?? 0n);
    if (difference !== 0n) return difference > 0n ? 1 : -1;
    return (strata[b]?.rowsBefore ?? 0) - (strata[a]?.rowsBefore ?? 0) || a - b;
  });
  const more = new Set(byRest.slice(0, left));
  return strata.map((stratum, i) => ({ ...stratum, rows: Number(exact[i]?.whole ?? 0n) + (more.has(i) ? 1 : 0) }));
}
