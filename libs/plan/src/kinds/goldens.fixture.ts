import { readFileSync } from 'node:fs';

/** What scikit-learn, pandas and scipy have computed, by kind; made by tools/goldens/plan.py. */
export function golden<T>(kind: string): T {
  const all = JSON.parse(readFileSync(new URL('./goldens.json', import.meta.url), 'utf8')) as Readonly<Record<string, T>>;
  const found = all[kind];
  if (found === undefined) throw new Error(`goldens.json has no "${kind}"`);
  return found;
}
