import type { FeatureView } from './feature-view.js';

/** Features of one view under the names that a model, or a formula, reads. */
export interface FeatureReference {
  readonly view: string;
  /** Empty means all. */
  readonly features: readonly string[];
  readonly prefix: string;
  /** Which request or spine column holds each join key, where the name differs. */
  readonly keyColumns: Readonly<Record<string, string>>;
}

/** A reference with its view at hand: which features, under which names, by which request columns. */
export interface ResolvedReference {
  readonly view: FeatureView;
  readonly features: readonly { readonly feature: FeatureView['features'][number]; readonly as: string }[];
  /** Request column of each join key, in the order of the view's keys. */
  readonly keys: readonly string[];
}

/** The features that a reference names, each with the name that it is read by; throws what `fault` makes where one is not there, or a key that nobody asks for is given a column. */
export function featuresOf<Feature extends { readonly name: string }>(
  { view, features: wanted, prefix, keyColumns }: FeatureReference,
  { features, asked }: { readonly features: readonly Feature[]; readonly asked: readonly string[] },
  fault: (why: string) => Error,
): readonly { readonly feature: Feature; readonly as: string }[] {
  const stranger = Object.keys(keyColumns).find((key) => !asked.includes(key));
  if (stranger !== undefined) throw fault(`feature view "${view}" has no key "${stranger}"`);
  return (wanted.length > 0 ? wanted : features.map(({ name }) => name)).map((name) => {
    const feature = features.find((candidate) => candidate.name === name);
    if (!feature) throw fault(`feature view "${view}" has no feature "${name}"`);
    return { feature, as: prefix + name };
  });
}

/** Joins a reference with a view that holds values. */
export const resolveReference = (reference: FeatureReference, view: FeatureView, fault: (why: string) => Error): ResolvedReference => ({
  view,
  features: featuresOf(reference, { features: view.features, asked: view.joinKeys }, fault),
  keys: view.joinKeys.map((key) => reference.keyColumns[key] ?? key),
});
