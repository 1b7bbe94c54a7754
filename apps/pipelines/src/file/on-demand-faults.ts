import { type ColumnType, isError } from '@millrace/core';
import { type FormulaColumn, formulaColumns, formulaType, PLAN_DOMAIN } from '@millrace/plan';
import type { Fault } from './fault.js';
import { readColumns } from './on-demand-columns.js';
import type { PipelineFile } from './pipeline-file.js';
import { sourceColumns } from './source-columns.js';

/** What views on demand name and is not there, formulas that are none, types that do not go together as far as the file says them, and request columns that training does not have. */
export function onDemandFaults(file: PipelineFile): readonly Fault[] {
  const { feature_views: views, on_demand_views: onDemand = {} } = file;
  const faults: Fault[] = [];
  for (const [name, view] of Object.entries(onDemand)) {
    const place = ['on_demand_views', name];
    if (Object.hasOwn(views, name)) faults.push({ path: place, message: `there is a feature view "${name}" already; give one of them another name` });
    view.reads.forEach(({ view: of, features }, i) => {
      const path = [...place, 'reads', i];
      const read = views[of];
      if (Object.hasOwn(onDemand, of)) faults.push({ path: [...path, 'view'], message: `"${of}" is computed on demand itself; name the views that it reads` });
      else if (!read) faults.push({ path: [...path, 'view'], message: `there is no feature view "${of}"` });
      else features.forEach((feature, at) => Object.hasOwn(read.features, feature) || faults.push({ path: [...path, 'features', at], message: `the feature view "${of}" has no feature "${feature}"` }));
    });
    const columns = [...Object.entries(view.request).map(([column, type]) => ({ name: column, type })), ...readColumns(file, view)];
    for (const [feature, formula] of Object.entries(view.formulas)) {
      const message = formulaFault(formula, columns);
      if (message !== undefined) faults.push({ path: [...place, 'formulas', feature], message });
    }
  }
  return [...faults, ...requestFaults(file)];
}

function formulaFault(formula: string, columns: readonly (Pick<FormulaColumn, 'name'> & { readonly type: ColumnType | undefined })[]): string | undefined {
  try {
    const named = formulaColumns(formula);
    const unknown = named.find((name) => !columns.some((column) => column.name === name));
    if (unknown !== undefined) return `it reads "${unknown}", which is neither a column of the request nor a feature that the view reads; there are ${columns.map(({ name }) => name).join(', ')}`;
    const typed = columns.flatMap(({ name, type }) => (type === undefined ? [] : [{ name, type }]));
    // A column whose type only the data know is for the feature store to check.
    if (named.every((name) => typed.some((column) => column.name === name))) formulaType(formula, typed);
    return undefined;
  } catch (error) {
    if (isError(error, PLAN_DOMAIN, 'FORMULA_INVALID') && error instanceof Error) return error.message;
    throw error;
  }
}

/** In training the spine brings what a request brings later. */
function requestFaults(file: PipelineFile): readonly Fault[] {
  const { on_demand_views: onDemand = {}, feature_services: services, training } = file;
  const columns = sourceColumns(file, training.spine);
  if (columns.length === 0) return [];
  return (services[training.features ?? ''] ?? []).flatMap(({ view: name, features, keys }) => {
    const view = onDemand[name];
    const read = new Set(Object.entries(view?.formulas ?? {}).flatMap(([feature, formula]) => (features.length === 0 || features.includes(feature) ? namesIn(formula) : [])));
    return Object.entries(view?.request ?? {}).flatMap(([request, type]): readonly Fault[] => {
      const column = keys[request] ?? request;
      const found = columns.find((one) => one.name === column)?.type;
      const isTaken = found === type || (found === 'INT64' && type === 'FLOAT64');
      if (!read.has(request) || isTaken) return [];
      const path = ['on_demand_views', name, 'request', request];
      return [{ path, message: found === undefined ? `training takes it from the source "${training.spine}", which has no column "${column}"` : `training takes it from the source "${training.spine}", where "${column}" is ${found}` }];
    });
  });
}

/** What a formula names; one that is none is told elsewhere. */
function namesIn(formula: string): readonly string[] {
  try {
    return formulaColumns(formula);
  } catch (error) {
    if (isError(error, PLAN_DOMAIN, 'FORMULA_INVALID')) return [];
    throw error;
  }
}
