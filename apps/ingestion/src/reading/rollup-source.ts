import { errors } from '../errors.js';
import type { SourceKind } from './source-kind.js';
import { placeOf } from './source.js';
import { toFile } from './source-files.js';

/** Another dataset, rolled up: the rows are made by the job itself and lie in its folder before they are asked for. */
export const rollupSource: SourceKind = {
  async check(source) {
    if (source.timeFilter) throw errors.INVALID_SOURCE({ why: 'a rollup takes no time_filter; roll up a dataset that holds the range' });
    return source;
  },
  files: async (source, { rolledUp }) => [await toFile(await rolledUp(), placeOf(source), 'PARQUET')],
};
