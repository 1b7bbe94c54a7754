import { resolveAllowedPath } from '@millrace/objects';
import { sourceFiles } from './source-files.js';
import type { SourceKind } from './source-kind.js';

/** A file or a folder of this machine. */
export const fileSource: SourceKind = {
  check: async (source, { roots }) => ({ ...source, path: await resolveAllowedPath(source.path, roots) }),
  files: (source, { choose }) => sourceFiles(source, choose),
};
