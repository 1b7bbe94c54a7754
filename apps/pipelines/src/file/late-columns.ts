import { normalize } from 'node:path';
import { foldOf } from './rollup-message.js';
import type { PipelineFile } from './pipeline-file.js';

/**
 * Columns of a source that are known only after the event: those that a label is made from, the target where the source has it itself, those that the
 * contract says so of, and the times at which rows became known. A source that reads the same file as the spine has the same ones under its own names.
 */
export function lateColumns(file: PipelineFile, source: string): ReadonlySet<string> {
  const own = new Set([...declared(file, source), ...knowledgeColumns(file, source), ...rolledUp(file, source)]);
  if (!hasRowsOfSpine(file, source)) return own;
  const { spine, labels, target } = file.training;
  const outcomes = Object.hasOwn(labels, target) ? [] : [target];
  const late = [...declared(file, spine), ...knowledgeColumns(file, spine), ...Object.values(labels).map(({ column }) => column), ...outcomes];
  const cells = new Set(late.map((column) => cellOf(file, spine, column)));
  const named = Object.keys(file.sources[source]?.contract.columns ?? {});
  // Two columns may hold one and the same cell of the file.
  for (const column of named) if (cells.has(cellOf(file, source, column))) own.add(column);
  for (const cell of cells) if (!named.some((column) => cellOf(file, source, column) === cell)) own.add(cell);
  if (source === spine) for (const column of late) own.add(column);
  return own;
}

/** Whether a source holds the rows that train and evaluate, under whatever name. */
export function hasRowsOfSpine({ sources, training: { spine } }: PipelineFile, source: string): boolean {
  const [path, other] = [sources[spine]?.path, sources[source]?.path];
  return source === spine || (path !== undefined && other !== undefined && normalize(other) === normalize(path));
}

const declared = ({ sources }: PipelineFile, source: string): readonly string[] => Object.entries(sources[source]?.contract.columns ?? {}).flatMap(([name, { known }]) => (known === 'after_event' ? [name] : []));

/** A figure of late cells is late: that a window has ended does not tell its outcomes. */
function rolledUp(file: PipelineFile, source: string): readonly string[] {
  const rollup = file.sources[source]?.rollup;
  if (!rollup) return [];
  const late = lateColumns(file, rollup.of);
  const figures = Object.entries(rollup.columns).flatMap(([name, spec]) => (late.has(foldOf(spec).column ?? '') ? [name] : []));
  return [...rollup.by.filter((column) => late.has(column)), ...figures];
}

const knowledgeColumns = ({ feature_views: views }: PipelineFile, source: string): readonly string[] =>
  Object.values(views).flatMap(({ source: read, knowledge_time: knowledge, event_time: event }) => (read === source && knowledge?.column !== undefined && knowledge.column !== event ? [knowledge.column] : []));

/** The name that a column has in the file itself. */
function cellOf({ sources }: PipelineFile, source: string, column: string): string {
  return sources[source]?.contract.columns[column]?.source_name || column;
}
