/** A direction of unit length and the variance along it. */
export interface Axis {
  readonly direction: readonly number[];
  readonly variance: number;
}

const MAX_SWEEPS = 60;
const NEGLIGIBLE = 1e-300;

/** Eigenvectors of a symmetric matrix by cyclic Jacobi rotations, largest variance first; the largest entry of each direction is positive. */
export function principalAxes(covariance: readonly (readonly number[])[]): readonly Axis[] {
  const size = covariance.length;
  const matrix = covariance.map((row) => Float64Array.from(row));
  const vectors = covariance.map((_, i) => Float64Array.from(covariance, (__, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) off += rotate(matrix, vectors, [p, q]);
    if (off < NEGLIGIBLE) break;
  }
  return matrix
    .map((row, i) => ({ variance: (row[i] ?? 0) + 0, direction: oriented(vectors.map((vector) => vector[i] ?? 0)) }))
    .sort((a, b) => b.variance - a.variance);
}

type Matrix = readonly Float64Array[];

/** Turns the entry (p, q) to zero and gives its square before. */
function rotate(matrix: Matrix, vectors: Matrix, [p, q]: readonly [number, number]): number {
  const at = (i: number, j: number) => matrix[i]?.[j] ?? 0;
  const entry = at(p, q);
  if (entry === 0) return 0;
  const theta = (at(q, q) - at(p, p)) / (2 * entry);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1);
  const turn = { cosine, sine: tangent * cosine };
  for (const row of matrix) turnPair(row, [p, q], turn);
  const [first, second] = [matrix[p], matrix[q]];
  if (first && second)
    for (let i = 0; i < first.length; i++) {
      const pair = Float64Array.of(first[i] ?? 0, second[i] ?? 0);
      turnPair(pair, [0, 1], turn);
      [first[i], second[i]] = [pair[0] ?? 0, pair[1] ?? 0];
    }
  for (const row of vectors) turnPair(row, [p, q], turn);
  return entry * entry;
}

function turnPair(row: Float64Array, [p, q]: readonly [number, number], { cosine, sine }: { readonly cosine: number; readonly sine: number }): void {
  const [a, b] = [row[p] ?? 0, row[q] ?? 0];
  row[p] = cosine * a - sine * b;
  row[q] = sine * a + cosine * b;
}

function oriented(direction: readonly number[]): readonly number[] {
  const largest = direction.reduce((best, entry) => (Math.abs(entry) > Math.abs(best) ? entry : best), 0);
  return direction.map((entry) => (largest < 0 ? -entry : entry) + 0);
}
