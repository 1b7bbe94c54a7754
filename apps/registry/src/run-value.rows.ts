import type { Kysely } from 'kysely';
import type { Run } from './experiment.js';
import type { RegistryTables } from './migrations.js';
import { columnId, type RunColumn } from './run-column.js';
import type { RunValue } from './run-value.js';

/** Rows in one INSERT. */
const CHUNK = 500;

/** Writes what a change of a run puts in its place, and removes what it takes away, in the transaction of that change. */
export async function putValues(tx: Kysely<RegistryTables>, { experiment, run }: Run, { put, taken }: { readonly put: readonly RunValue[]; readonly taken: readonly RunColumn[] }): Promise<void> {
  // In the order of their ids, so that two transactions never wait for each other.
  const values = put.map(({ kind, key, place }) => ({ column_id: columnId(experiment, { kind, key }), kind, key, place })).sort((a, b) => (a.column_id < b.column_id ? -1 : 1));
  for (let start = 0; start < values.length; start += CHUNK) {
    const rows = values.slice(start, start + CHUNK);
    const columns = rows.filter(({ kind }) => kind !== 'field').map(({ column_id, kind, key }) => ({ column_id, experiment, kind, key }));
    if (columns.length > 0) await tx.insertInto('run_column').values(columns).onConflict((conflict) => conflict.column('column_id').doNothing()).execute();
    await tx
      .insertInto('run_value')
      .values(rows.map(({ column_id, place }) => ({ column_id, run, place })))
      .onConflict((conflict) => conflict.columns(['column_id', 'run']).doUpdateSet((eb) => ({ place: eb.ref('excluded.place') })))
      .execute();
  }
  for (const column of taken) await tx.deleteFrom('run_value').where('column_id', '=', columnId(experiment, column)).where('run', '=', run).execute();
}
