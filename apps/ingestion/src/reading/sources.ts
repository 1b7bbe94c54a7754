import { fileSource } from './file-source.js';
import { kafkaSource } from './kafka-source.js';
import { postgresSource } from './postgres-source.js';
import { pushSource } from './push-source.js';
import { rollupSource } from './rollup-source.js';
import { s3Source } from './s3-source.js';
import type { Source } from './source.js';
import type { SourceFile } from './source-files.js';
import type { SourceAccess, SourceKind, SourceRules } from './source-kind.js';

/** Every kind of source, each with what tells it; the first that fits is it. */
const SOURCES: readonly { readonly kind: SourceKind; readonly is: (source: Source) => boolean }[] = [
  { kind: pushSource, is: ({ push }) => push !== undefined },
  { kind: kafkaSource, is: ({ kafka }) => kafka !== undefined },
  { kind: rollupSource, is: ({ rollup }) => rollup !== undefined },
  { kind: postgresSource, is: ({ postgres }) => postgres !== undefined },
  { kind: s3Source, is: ({ path }) => path.startsWith('s3://') },
  { kind: fileSource, is: () => true },
];

const kindOf = (source: Source): SourceKind => SOURCES.find(({ is }) => is(source))?.kind ?? fileSource;

/** The source as a run keeps it; PATH_NOT_ALLOWED, SOURCE_NOT_ALLOWED or INVALID_SOURCE where it may not be read. */
export const checkSource = (source: Source, rules: SourceRules): Promise<Source> => kindOf(source).check(source, rules);

/** The files of a source that was checked. */
export const filesOf = (source: Source, access: SourceAccess): Promise<readonly SourceFile[]> => kindOf(source).files(source, access);
