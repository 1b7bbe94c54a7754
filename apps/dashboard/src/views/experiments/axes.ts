import { type Run, type RunColumn, RunColumn_Kind } from '@millrace/contracts/millrace/registry/v1/experiment';
import { valueIn } from './run-columns.js';

/** How many different values these runs have in a column, where all of them have one. */
const different = (column: RunColumn, runs: readonly Run[]): number => {
  const values = runs.map((run) => valueIn(column, run));
  return values.includes(undefined) ? 0 : new Set(values).size;
};

/** The columns that tell runs apart best: params that differ, then metrics, half and half; with one run, those that it has. */
export function axesByItself(columns: readonly RunColumn[], runs: readonly Run[], most: number): readonly string[] {
  const least = Math.min(2, runs.length);
  const telling = (kind: RunColumn_Kind): readonly string[] => columns.filter((column) => column.kind === kind && different(column, runs) >= least).map(({ column }) => column);
  const [params, metrics] = [telling(RunColumn_Kind.PARAM), telling(RunColumn_Kind.METRIC)];
  const room = Math.max(Math.ceil(most / 2), most - metrics.length);
  const shown = params.slice(0, room);
  return [...shown, ...metrics.slice(0, most - shown.length)];
}
