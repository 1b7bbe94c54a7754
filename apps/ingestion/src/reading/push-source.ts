import { errors } from '../errors.js';
import { toFile } from './source-files.js';
import type { SourceKind } from './source-kind.js';

/** Rows that were pushed to the dataset and wait for a version. */
export const pushSource: SourceKind = {
  check: async (source) => source,
  async files({ push }, { objectFile, reach, mayBeEmpty }) {
    const files = push?.files ?? [];
    reach({ last: String(push?.last ?? 0) });
    if (files.length === 0 && !mayBeEmpty) throw errors.SOURCE_EMPTY({ file: 'push', why: 'no pushed row waits for a version' });
    return Promise.all(files.map(async ({ digest, label }) => toFile(await objectFile(digest), label, 'JSON_LINES')));
  },
};
