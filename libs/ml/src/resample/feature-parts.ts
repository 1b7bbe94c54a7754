import type { TrainingData } from '../estimator.js';

/** Which features are numbers and which together are one category. */
export interface FeatureParts {
  readonly numbers: readonly number[];
  readonly categories: readonly (readonly number[])[];
  /** What a different category counts for: the median of the standard deviations of the numbers; 1 where there are none. */
  readonly spread: number;
}

/** Features of one one-hot step, named `column=value`, are one category; so is each other feature of at most two values. The rest are numbers. */
export function featureParts({ features, names }: TrainingData, rows: readonly number[]): FeatureParts {
  const k = names.length;
  const families = new Map<string, number[]>();
  const numbers: number[] = [];
  names.forEach((name, i) => {
    const valueAt = (row: number): number => features[row * k + i] ?? Number.NaN;
    if (!hasTwoValues(rows, valueAt)) return void numbers.push(i);
    const family = name.includes('=') ? name.slice(0, name.indexOf('=') + 1) : name;
    families.set(family, [...(families.get(family) ?? []), i]);
  });
  const spreads = numbers.map((i) => deviation(rows.map((row) => features[row * k + i] ?? 0))).sort((a, b) => a - b);
  const [low, high] = [spreads[(spreads.length - 1) >> 1] ?? 1, spreads[spreads.length >> 1] ?? 1];
  return { numbers, categories: [...families.values()], spread: (low + high) / 2 };
}

function hasTwoValues(rows: readonly number[], valueAt: (row: number) => number): boolean {
  const seen = new Set<number>();
  for (const row of rows) if (seen.add(valueAt(row)).size > 2) return false;
  return true;
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
