import type { Column, ColumnType } from '@millrace/core';
import type { PipelineFile } from './pipeline-file.js';
import { foldOf, type RollupSpec, SINCE, UNTIL } from './rollup-message.js';

/** The columns of a source as far as the file says: those of its contract, or what its rollup makes; none where they are left to the data. */
export const sourceColumns = (file: PipelineFile, source: string): readonly Column[] => columnsOf(file, source, []);

/** `above` are the rollups that led here: a file that rolls a source up from itself is told so elsewhere. */
function columnsOf(file: PipelineFile, source: string, above: readonly string[]): readonly Column[] {
  const { contract, rollup } = file.sources[source] ?? {};
  const declared = Object.entries(contract?.columns ?? {}).map(([name, { type, required }]): Column => ({ name, type, nullable: !required }));
  if (declared.length > 0 || !rollup || above.includes(source)) return declared;
  const finer = new Map(columnsOf(file, rollup.of, [...above, source]).map(({ name, type }) => [name, type]));
  if (finer.size === 0) return [];
  return [
    ...rollup.by.map((name): Column => ({ name, type: finer.get(name) ?? 'STRING', nullable: true })),
    ...[SINCE, UNTIL].map((name): Column => ({ name, type: 'TIMESTAMP', nullable: true })),
    ...Object.entries(rollup.columns).map(([name, spec]): Column => ({ name, type: figureType(spec, finer), nullable: true })),
  ];
}

function figureType(spec: RollupSpec['columns'][string], finer: ReadonlyMap<string, ColumnType>): ColumnType {
  if (spec.count !== undefined || spec.distinct !== undefined) return 'INT64';
  const kept = spec.sum ?? spec.min ?? spec.max;
  return kept === undefined || finer.get(foldOf(spec).column ?? '') === 'FLOAT64' ? 'FLOAT64' : 'INT64';
}
