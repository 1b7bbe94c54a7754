import { isError } from '@millrace/core';
import { formulaColumns, PLAN_DOMAIN } from '@millrace/plan';
import type { Fault } from './fault.js';
import type { PipelineFile } from './pipeline-file.js';

type OnDemandViews = NonNullable<PipelineFile['on_demand_views']>;

/** A view on demand with all that it may name. */
export interface OnDemandPlace {
  readonly name: string;
  readonly view: OnDemandViews[string];
  readonly views: PipelineFile['feature_views'];
  readonly onDemand: OnDemandViews;
}

/** What a view on demand names and is not there, and formulas that are none. Whether types go together is for the feature store to say, which knows them. */
export function onDemandFaults({ name, view: { request, reads, formulas }, views, onDemand }: OnDemandPlace): readonly Fault[] {
  const place = ['on_demand_views', name];
  const faults: Fault[] = [];
  if (Object.hasOwn(views, name)) faults.push({ path: place, message: `there is a feature view "${name}" already; give one of them another name` });
  reads.forEach(({ view, features }, i) => {
    const path = [...place, 'reads', i];
    const read = views[view];
    if (Object.hasOwn(onDemand, view)) faults.push({ path: [...path, 'view'], message: `"${view}" is computed on demand itself; name the views that it reads` });
    else if (!read) faults.push({ path: [...path, 'view'], message: `there is no feature view "${view}"` });
    else features.forEach((feature, at) => Object.hasOwn(read.features, feature) || faults.push({ path: [...path, 'features', at], message: `the feature view "${view}" has no feature "${feature}"` }));
  });
  const known = [...Object.keys(request), ...readNames({ reads }, views)];
  for (const [feature, formula] of Object.entries(formulas)) {
    const message = formulaFault(formula, known);
    if (message !== undefined) faults.push({ path: [...place, 'formulas', feature], message });
  }
  return faults;
}

/** The names by which the formulas of a view on demand read features of other views. */
export const readNames = ({ reads }: Pick<OnDemandViews[string], 'reads'>, views: PipelineFile['feature_views']): readonly string[] =>
  reads.flatMap(({ view, features, prefix }) => (features.length > 0 ? features : Object.keys(views[view]?.features ?? {})).map((feature) => prefix + feature));

function formulaFault(formula: string, known: readonly string[]): string | undefined {
  try {
    const unknown = formulaColumns(formula).find((column) => !known.includes(column));
    return unknown === undefined ? undefined : `it reads "${unknown}", which is neither a column of the request nor a feature that the view reads; there are ${known.join(', ')}`;
  } catch (error) {
    if (isError(error, PLAN_DOMAIN, 'FORMULA_INVALID') && error instanceof Error) return error.message;
    throw error;
  }
}
