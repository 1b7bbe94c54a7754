import { resourceName } from '@millrace/core';
import { type FormulaColumn, formulaColumns } from '@millrace/plan';
import type { Described } from './described.js';
import { errors } from './errors.js';
import { type FeatureReference, featuresOf, type ResolvedReference, resolveReference } from './feature-reference.js';
import { type AnyView, askedColumns, type FormulaFeature, isOnDemand, type OnDemandView, resolveInputs } from './on-demand-view.js';

export const featureServiceName = resourceName('featureServices/{service}');

/** The features that one model version reads, in order. */
export interface FeatureService extends Described {
  readonly service: string;
  readonly references: readonly FeatureReference[];
}

/** Features of a view on demand, with where each column of their formulas is found. */
export interface ComputedReference {
  readonly view: OnDemandView;
  readonly features: readonly { readonly feature: FormulaFeature; readonly as: string }[];
  /** Only those that the formulas read. */
  readonly columns: readonly ComputedColumn[];
}

/** A column of formulas: from a column of the request or the spine, or from a feature that is read. */
export type ComputedColumn = FormulaColumn & ({ readonly request: string } | { readonly read: string });

/** A service joined with its views. */
export interface ResolvedService {
  /** What is read of views that hold values. What only formulas read has names that no feature has. */
  readonly reads: readonly ResolvedReference[];
  readonly computed: readonly ComputedReference[];
  /** The features by their names, in the order of the service. */
  readonly features: readonly string[];
}

/** How names begin of what is read for formulas only. */
const HIDDEN = '__millrace_read_';

/** What a feature that is read is called for people: by its name in the service, or by its view where only formulas read it. */
export const spokenName = ({ view, keys }: ResolvedReference, { feature, as }: ResolvedReference['features'][number]): string => (as.startsWith(HIDDEN) ? `${view.view}.${feature.name} (${keys.join(', ')})` : as);

/** Joins a service with its views; throws INVALID_DEFINITION where a name is unknown or stands twice. */
export function resolveService({ service, references }: FeatureService, views: ReadonlyMap<string, AnyView>): ResolvedService {
  const reads = new Reads();
  const computed: ComputedReference[] = [];
  const features: string[] = [];
  const demanded: (() => void)[] = [];
  references.forEach((reference, index) => {
    const fault = (why: string): Error => errors.INVALID_DEFINITION({ name: featureServiceName.format({ service }), place: `features[${index}]`, why });
    const view = views.get(reference.view);
    if (!view) throw fault(`feature view "${reference.view}" does not exist`);
    const named = isOnDemand(view) ? featuresOf(reference, { features: view.features, asked: askedColumns(view, resolveInputs(view, views)) }, fault) : resolveReference(reference, view, fault).features;
    for (const { as } of named) {
      if (features.includes(as)) throw fault(`two features are called "${as}"; give one a prefix`);
      features.push(as);
    }
    // What the service reads itself comes first: formulas take it from there.
    if (isOnDemand(view)) demanded.push(() => computed.push(compute(view, reference, { views, reads })));
    else reads.add(resolveReference(reference, view, fault));
  });
  for (const each of demanded) each();
  return { reads: reads.all, computed, features };
}

/** The columns of the request or the spine that hold values for formulas, each with its type. */
export const requestColumns = ({ computed }: ResolvedService): readonly FormulaColumn[] =>
  [...new Map(computed.flatMap(({ columns }) => columns.flatMap((column) => ('request' in column ? [[`${column.request} ${column.type}`, { name: column.request, type: column.type }] as const] : [])))).values()];

function compute(view: OnDemandView, { features: wanted, prefix, keyColumns }: FeatureReference, { views, reads }: { readonly views: ReadonlyMap<string, AnyView>; readonly reads: Reads }): ComputedReference {
  const column = (name: string): string => keyColumns[name] ?? name;
  const features = view.features.filter(({ name }) => wanted.length === 0 || wanted.includes(name)).map((feature) => ({ feature, as: prefix + feature.name }));
  const needed = new Set(features.flatMap(({ feature }) => formulaColumns(feature.formula)));
  const fromRequest = view.request.filter(({ name }) => needed.has(name)).map((each) => ({ ...each, request: column(each.name) }));
  const fromViews = resolveInputs(view, views).flatMap(({ view: read, keys, features: named }) =>
    named.filter(({ as }) => needed.has(as)).map(({ feature, as }) => ({ name: as, type: view.inputTypes[as] ?? 'FLOAT64', read: reads.find(read, { feature, keys: keys.map(column) }) })),
  );
  return { view, features, columns: [...fromRequest, ...fromViews] };
}

type Entry = { -readonly [Name in keyof ResolvedReference]: ResolvedReference[Name] };

/** What a service reads: what it names itself, and what its formulas need besides, each value once. */
class Reads {
  readonly #named: ResolvedReference[] = [];
  readonly #hidden: Entry[] = [];
  #count = 0;

  get all(): readonly ResolvedReference[] {
    return [...this.#named, ...this.#hidden];
  }

  add(reference: ResolvedReference): void {
    this.#named.push(reference);
  }

  /** The name by which a feature is read for these keys. */
  find(view: ResolvedReference['view'], { feature, keys }: { readonly feature: ResolvedReference['features'][number]['feature']; readonly keys: readonly string[] }): string {
    const isSame = (read: ResolvedReference): boolean => read.view.view === view.view && read.keys.every((key, i) => key === keys[i]);
    const there = this.all.filter(isSame).flatMap(({ features }) => features).find((read) => read.feature.name === feature.name);
    if (there) return there.as;
    const added = { feature, as: `${HIDDEN}${this.#count++}` };
    const hidden = this.#hidden.find(isSame);
    if (hidden) hidden.features = [...hidden.features, added];
    else this.#hidden.push({ view, keys, features: [added] });
    return added.as;
  }
}
