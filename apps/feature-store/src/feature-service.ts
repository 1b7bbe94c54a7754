import { resourceName } from '@millrace/core';
import type { Described } from './described.js';
import type { FeatureView } from './feature-view.js';
import { errors } from './errors.js';

export const featureServiceName = resourceName('featureServices/{service}');

/** Features of one view under the names that a model reads. */
export interface FeatureReference {
  readonly view: string;
  /** Empty means all. */
  readonly features: readonly string[];
  readonly prefix: string;
  /** Which request or spine column holds each join key, where the name differs. */
  readonly keyColumns: Readonly<Record<string, string>>;
}

/** The features that one model version reads, in order. */
export interface FeatureService extends Described {
  readonly service: string;
  readonly references: readonly FeatureReference[];
}

/** A reference with its view at hand: which features, under which names, by which request columns. */
export interface ResolvedReference {
  readonly view: FeatureView;
  readonly features: readonly { readonly feature: FeatureView['features'][number]; readonly as: string }[];
  /** Request column of each join key, in the order of the view's keys. */
  readonly keys: readonly string[];
}

/** Joins a service with its views; throws INVALID_DEFINITION where a name is unknown or stands twice. */
export function resolveService({ service, references }: FeatureService, views: ReadonlyMap<string, FeatureView>): readonly ResolvedReference[] {
  const fault = (place: string, why: string): Error => errors.INVALID_DEFINITION({ name: featureServiceName.format({ service }), place, why });
  const taken = new Set<string>();
  return references.map((reference, index) => {
    const place = `features[${index}]`;
    const view = views.get(reference.view);
    if (!view) throw fault(place, `feature view "${reference.view}" does not exist`);
    const stranger = Object.keys(reference.keyColumns).find((key) => !view.joinKeys.includes(key));
    if (stranger !== undefined) throw fault(place, `feature view "${reference.view}" has no key "${stranger}"`);
    const wanted = reference.features.length > 0 ? reference.features : view.features.map(({ name }) => name);
    const features = wanted.map((name) => {
      const feature = view.features.find((candidate) => candidate.name === name);
      if (!feature) throw fault(place, `feature view "${reference.view}" has no feature "${name}"`);
      const as = reference.prefix + name;
      if (taken.has(as)) throw fault(place, `two features are called "${as}"; give one a prefix`);
      taken.add(as);
      return { feature, as };
    });
    return { view, features, keys: view.joinKeys.map((key) => reference.keyColumns[key] ?? key) };
  });
}
