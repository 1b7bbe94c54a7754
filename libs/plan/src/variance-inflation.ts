import type { Associations } from './associations.js';

/** What is left of a column's variance below which the columns before it tell it wholly. */
const NEGLIGIBLE = 1e-10;

/**
 * The variance inflation factor of each column by a matrix of correlations: 1 / (1 − R²) of a regression on the others, the diagonal of the inverse matrix.
 * A column that those before it determine has Infinity, and the others are then judged without it.
 */
export function varianceInflation(correlations: Associations): readonly number[] {
  const free: number[] = [];
  const rows: number[][] = [];
  for (const i of correlations.keys()) {
    const row = eliminated(correlations[i] ?? [], rows, free);
    const pivot = row[free.length] ?? 0;
    if (pivot < NEGLIGIBLE) continue;
    free.push(i);
    rows.push([...row.slice(0, -1), Math.sqrt(pivot)]);
  }
  const inverse = inverseDiagonal(rows);
  return correlations.map((_, i) => (free.includes(i) ? (inverse[free.indexOf(i)] ?? Infinity) : Infinity));
}

/** The next row of Cholesky's triangle, with what is left of the variance in place of its root. */
function eliminated(correlations: readonly number[], rows: readonly (readonly number[])[], free: readonly number[]): number[] {
  const row: number[] = [];
  rows.forEach((above, k) => {
    const sum = row.reduce((total, value, j) => total + value * (above[j] ?? 0), 0);
    row.push(((correlations[free[k] ?? 0] ?? 0) - sum) / (above[k] ?? 1));
  });
  return [...row, 1 - row.reduce((total, value) => total + value * value, 0)];
}

/** The diagonal of the inverse of L·Lᵀ: squared lengths of the columns of L⁻¹. */
function inverseDiagonal(triangle: readonly (readonly number[])[]): readonly number[] {
  return triangle.map((_, column) => {
    const solved: number[] = [];
    triangle.forEach((row, i) => {
      const sum = solved.reduce((total, value, j) => total + value * (row[j] ?? 0), 0);
      solved.push(((i === column ? 1 : 0) - sum) / (row[i] ?? 1));
    });
    return solved.reduce((total, value) => total + value * value, 0);
  });
}
