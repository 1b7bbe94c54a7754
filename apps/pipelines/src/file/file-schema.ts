import { type Column, type ColumnType, isError } from '@millrace/core';
import { type FormulaColumn, formulaType, PLAN_DOMAIN } from '@millrace/plan';
import { lateColumns } from './late-columns.js';
import { readColumns } from './on-demand-columns.js';
import type { PipelineFile } from './pipeline-file.js';
import { sourceColumns } from './source-columns.js';

/** What the training set of a file will look like, as far as the file alone says. */
export interface ForeseenSet {
  readonly columns: readonly Column[];
  readonly knownAfterEvent: readonly string[];
  readonly eventTime: string;
}

/** Undefined where the contract leaves its columns to the data. */
export function foreseenSet(file: PipelineFile): ForeseenSet | undefined {
  const { sources, feature_views: views, on_demand_views: onDemand = {}, feature_services: services, training } = file;
  const contract = sources[training.spine]?.contract;
  const spine = sourceColumns(file, training.spine);
  if (!contract || spine.length === 0) return undefined;
  const labels = Object.keys(training.labels).map((name) => ({ name, type: 'INT64' as const, nullable: true }));
  const features = (training.features === undefined ? [] : (services[training.features] ?? [])).flatMap(({ view: viewName, features: wanted, prefix }) => {
    const computed = onDemand[viewName];
    if (computed) return onDemandColumns(file, computed).flatMap(({ name, type }) => (wanted.length === 0 || wanted.includes(name) ? [{ name: prefix + name, type, nullable: true }] : []));
    const view = views[viewName];
    if (!view) return [];
    return Object.entries(view.features)
      .filter(([name]) => wanted.length === 0 || wanted.includes(name))
      .map(([name, spec]) => ({ name: prefix + name, type: typeOf(spec, sourceColumns(file, view.source)), nullable: true }));
  });
  return { columns: [...spine, ...labels, ...features], knownAfterEvent: knownAfterEvent(file), eventTime: contract.event_time };
}

/** What a view on demand will make, as far as the file alone says; what it does not say is taken for a number, and the feature store knows better. */
function onDemandColumns(file: PipelineFile, view: NonNullable<PipelineFile['on_demand_views']>[string]): readonly FormulaColumn[] {
  const columns = [...Object.entries(view.request).map(([name, type]) => ({ name, type })), ...readColumns(file, view).map(({ name, type = 'FLOAT64' }) => ({ name, type }))];
  return Object.entries(view.formulas).map(([name, formula]) => ({ name, type: typeOrNumber(formula, columns) }));
}

function typeOrNumber(formula: string, columns: readonly FormulaColumn[]): ColumnType {
  try {
    return formulaType(formula, columns);
  } catch (error) {
    if (isError(error, PLAN_DOMAIN, 'FORMULA_INVALID')) return 'FLOAT64';
    throw error;
  }
}

/** Columns of the training set of a file that are known only after the event: labels, and the late columns of the spine. */
export const knownAfterEvent = (file: PipelineFile): readonly string[] => [...new Set([...Object.keys(file.training.labels), ...Object.values(file.training.labels).map(({ column }) => column), ...lateColumns(file, file.training.spine)])];

function typeOf(spec: PipelineFile['feature_views'][string]['features'][string], columns: readonly Column[]): ColumnType {
  if (spec.count) return 'INT64';
  const kept = spec.latest ?? spec.latest_present ?? spec.previous ?? spec.min ?? spec.max ?? spec.sum;
  return spec.mean !== undefined || kept === undefined ? 'FLOAT64' : (columns.find(({ name }) => name === kept)?.type ?? 'FLOAT64');
}
