import type { Entity } from '@millrace/contracts/millrace/features/v1/entity';
import type { FeatureReference } from '@millrace/contracts/millrace/features/v1/feature_service';
import type { FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import type { Signature } from '@millrace/contracts/millrace/registry/v1/model';
import type { Column } from '@millrace/contracts/millrace/type/v1/schema';

/** One input of a row that an endpoint is asked about. */
export interface RowField {
  readonly name: string;
  readonly type: `${Column['type']}`;
  /** Without it the answer is none, or the guard speaks. */
  readonly required: boolean;
  /** Texts that training saw, to choose from; others are for the guard. */
  readonly categories: readonly string[];
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** Read online by keys where it is left out. */
  readonly online: boolean;
  /** Features are read by it. */
  readonly key: boolean;
}

/** What an endpoint reads online of one view: the inputs of the model that it fills, and the columns of a row that it is asked by. */
export interface Served {
  readonly features: readonly string[];
  readonly keys: readonly Column[];
  /** What formulas read of a request. */
  readonly asked: readonly Column[];
}

/** What a feature service reads online, reference by reference; views and entities that are not known are left out. */
export function servedBy(references: readonly FeatureReference[], { views, entities }: { readonly views: readonly FeatureView[]; readonly entities: readonly Entity[] }): readonly Served[] {
  const served = (reference: FeatureReference): readonly Served[] => {
    const view = views.find(({ name }) => name === reference.featureView);
    if (!view) return [];
    const names = reference.features.length === 0 ? view.features.map(({ name }) => name) : reference.features;
    const column = (each: Column): Column => ({ ...each, name: reference.keyColumns[each.name] ?? each.name });
    const below = (view.onDemand?.features ?? []).flatMap(served);
    const keys = view.onDemand ? below.flatMap((inner) => inner.keys) : (entities.find(({ name }) => name === view.entity)?.joinKeys ?? []);
    return [{ features: names.map((name) => reference.prefix + name), keys: keys.map(column), asked: (view.onDemand?.requestColumns ?? []).map(column) }];
  };
  return references.flatMap(served);
}

/** The fields of a row: what must come with it first, then what is computed from it, then what is read online where it is left out. */
export function fieldsOf({ inputs }: Signature, served: readonly Served[]): readonly RowField[] {
  const online = new Set(served.flatMap(({ features }) => features));
  const keys = served.flatMap((view) => view.keys);
  const isKey = new Set(keys.map(({ name }) => name));
  const fields = new Map<string, RowField>();
  for (const { column, min, max, categories, required } of inputs) {
    if (!column) continue;
    const { name, type } = column;
    fields.set(name, { name, type, required: isKey.has(name) || (required && !online.has(name)), categories, min, max, online: online.has(name), key: isKey.has(name) });
  }
  const bare = { categories: [], min: undefined, max: undefined, online: false };
  for (const { name, type } of keys) if (!fields.has(name)) fields.set(name, { ...bare, name, type, required: true, key: true });
  for (const { name, type } of served.flatMap(({ asked }) => asked)) if (!fields.has(name)) fields.set(name, { ...bare, name, type, required: false, key: false });
  return [...fields.values()].sort((a, b) => Number(a.online) - Number(b.online));
}
