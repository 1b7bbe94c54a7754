import { type ColumnType, isError, type Schema } from '@millrace/core';
import { type FormulaColumn, formulaColumns, formulaType, PLAN_DOMAIN } from '@millrace/plan';
import { checkDescribed, type Described } from './described.js';
import { errors } from './errors.js';
import { type FeatureReference, type ResolvedReference, resolveReference } from './feature-reference.js';
import { type Feature, FEATURE_NAME, featureType, type FeatureView, featureViewName, isNewest } from './feature-view.js';

/** One feature of a view on demand: a formula over the names that the view reads. */
export interface FormulaFeature {
  readonly name: string;
  readonly formula: string;
  readonly type: 'FLOAT64' | 'STRING';
}

/** Features that are computed when they are asked for, of what a request brings and of features of views that hold values. */
export interface OnDemandView extends Described {
  readonly view: string;
  /** Columns of the request, or of a spine. */
  readonly request: readonly FormulaColumn[];
  readonly inputs: readonly FeatureReference[];
  /** By the name that formulas use, the type of each feature that is read: numbers are FLOAT64 in a formula. */
  readonly inputTypes: Readonly<Record<string, ColumnType>>;
  readonly features: readonly FormulaFeature[];
}

/** A view on demand before its types are known. */
export type OnDemandDraft = Omit<OnDemandView, 'inputTypes' | 'features'> & { readonly features: readonly Omit<FormulaFeature, 'type'>[] };

export type AnyView = FeatureView | OnDemandView;

export const isOnDemand = (view: AnyView): view is OnDemandView => 'request' in view;

/** Names of one view on demand that differ in more than their case; DuckDB takes "a" and "A" for one. */
export const MAX_ON_DEMAND_COLUMNS = 500;

/** Finds contradictions in a view on demand and types its formulas; throws INVALID_DEFINITION and names the place. `schemaOf` is asked for the source of a view of which a latest value is read. */
export async function checkOnDemand(draft: OnDemandDraft, views: ReadonlyMap<string, AnyView>, schemaOf: (view: FeatureView) => Promise<Schema>): Promise<OnDemandView> {
  const fault = (place: string, why: string): Error => errors.INVALID_DEFINITION({ name: featureViewName.format(draft), place, why });
  checkDescribed(draft, fault);
  const taken = new Set<string>();
  const take = (name: string, place: string): void => {
    if (name === '') throw fault(place, 'a column has no name');
    if (taken.has(name.toLowerCase())) throw fault(place, `two columns are called "${name}"; give one of them a prefix or another name`);
    taken.add(name.toLowerCase());
  };
  draft.request.forEach(({ name }, i) => take(name, `on_demand.request_columns[${i}]`));
  const inputTypes: Record<string, ColumnType> = {};
  for (const [i, { view, features }] of resolveInputs(draft, views).entries()) {
    const schema = features.some(({ feature }) => needsSchema(view, feature)) ? await schemaOf(view) : [];
    for (const { feature, as } of features) {
      take(as, `on_demand.features[${i}]`);
      inputTypes[as] = formulaTypeOf(view, feature, schema);
    }
  }
  if (taken.size > MAX_ON_DEMAND_COLUMNS) throw fault('on_demand', `it reads ${taken.size} columns, and at most ${MAX_ON_DEMAND_COLUMNS} may be; name the features that the formulas need`);
  if (draft.features.length === 0) throw fault('features', 'there is none');
  const names = new Set<string>();
  const columns = [...draft.request, ...Object.entries(inputTypes).map(([name, type]) => ({ name, type }))];
  const features = draft.features.map(({ name, formula }): FormulaFeature => {
    if (!FEATURE_NAME.test(name)) throw fault(`features.${name}`, 'a name starts with a letter and holds letters, digits or underscore');
    if (names.has(name)) throw fault(`features.${name}`, 'the name stands twice');
    names.add(name);
    return { name, formula, type: typeOf(formula, columns, (why) => fault(`features.${name}.formula`, why)) };
  });
  return { ...draft, inputTypes, features };
}

/** The references of a view on demand with their views; throws INVALID_DEFINITION where one is not there, or is on demand itself. */
export function resolveInputs(view: Pick<OnDemandView, 'view' | 'inputs'>, views: ReadonlyMap<string, AnyView>): readonly ResolvedReference[] {
  return view.inputs.map((reference, i) => {
    const fault = (why: string): Error => errors.INVALID_DEFINITION({ name: featureViewName.format(view), place: `on_demand.features[${i}]`, why });
    const read = views.get(reference.view);
    if (!read) throw fault(`feature view "${reference.view}" does not exist`);
    if (isOnDemand(read)) throw fault(`feature view "${reference.view}" is computed on demand itself; name the views that it reads`);
    return resolveReference(reference, read, fault);
  });
}

/** Every column that a view on demand asks of a request or a spine, by the names that the view has for them: values, and keys of what it reads. */
export const askedColumns = ({ request }: OnDemandView, inputs: readonly ResolvedReference[]): readonly string[] => [...new Set([...request.map(({ name }) => name), ...inputs.flatMap(({ keys }) => keys)])];

/** The type of a feature in formulas, where all numbers are one type. */
export function formulaTypeOf(view: FeatureView, feature: Feature, schema: Schema): ColumnType {
  const type = needsSchema(view, feature) ? featureType(view, feature, schema) : 'FLOAT64';
  return type === 'INT64' ? 'FLOAT64' : type;
}

const needsSchema = (view: FeatureView, { aggregation, column }: Feature): boolean => isNewest(aggregation) && !view.derived.some(({ name }) => name === column);

function typeOf(formula: string, columns: readonly FormulaColumn[], fault: (why: string) => Error): FormulaFeature['type'] {
  try {
    const unknown = formulaColumns(formula).find((name) => !columns.some((column) => column.name === name));
    if (unknown !== undefined) throw fault(`it reads "${unknown}", which is neither a column of the request nor a feature that the view reads; there are: ${columns.map(({ name }) => name).join(', ')}`);
    return formulaType(formula, columns);
  } catch (error) {
    if (isError(error, PLAN_DOMAIN, 'FORMULA_INVALID') && error instanceof Error) throw fault(error.message);
    throw error;
  }
}
