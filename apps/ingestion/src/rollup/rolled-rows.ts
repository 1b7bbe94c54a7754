import { join } from 'node:path';
import type { Tables } from '@millrace/tables';
import { errors } from '../errors.js';
import { asTooLarge } from '../reading/source-fault.js';
import { type KeptPartials, rollUp, type RollupInput } from './roll-up.js';

/** The rows of a rollup as a file of the run. */
export interface RolledRows {
  /** Makes them and gives the path of the file; INVALID_SOURCE where no run does. */
  readonly rolledUp: () => Promise<string>;
  /** What the next rollup need not read again; undefined before they are made, and of other sources. */
  readonly kept: () => KeptPartials | undefined;
}

/** Makes the rows of a rollup once its source asks for them. */
export function rolledRows(finer: RollupInput | undefined, { tables, directory, signal }: { readonly tables: Tables; readonly directory: string; readonly signal: AbortSignal }): RolledRows {
  let kept: KeptPartials | undefined;
  return {
    rolledUp: async () => {
      if (!finer) throw errors.INVALID_SOURCE({ why: 'a rollup is made by a run and cannot be inspected; inspect the version that it has made' });
      const path = join(directory, 'rollup.parquet');
      kept = await rollUp(tables, finer, { path, signal }).catch((error: unknown) => {
        throw asTooLarge(error, `The rollup of ${finer.rollup.of}`);
      });
      return path;
    },
    kept: () => kept,
  };
}
