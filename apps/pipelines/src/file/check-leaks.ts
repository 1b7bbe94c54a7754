import { formulaColumns } from '@millrace/plan';
import { errors } from '../errors.js';
import { knownAfterEvent } from './file-schema.js';
import { hasRowsOfSpine, lateColumns } from './late-columns.js';
import { SINCE, UNTIL } from './rollup-message.js';
import type { PipelineFile } from './pipeline-file.js';

/**
 * Refuses a file in which the model would be trained on what nobody can know at the event, with the way from cause to effect: features that take a late
 * column as known at once, features of a row's own outcome, late columns as join keys, and a split by what happened. The plan itself is for the trainer to check.
 */
export function checkLeaks(file: PipelineFile): void {
  const { training, feature_services: services } = file;
  const late = new Set(knownAfterEvent(file));
  const { split, features: service } = training;
  if (split.by === 'group' && late.has(split.column)) throw errors.SPLIT_LEAKS_TARGET({ edge: `${split.column} → training.split.column`, column: split.column });
  const { rollup, contract } = file.sources[training.spine] ?? {};
  if (rollup && contract?.event_time === SINCE) throw errors.ROLLUP_LEAKS_FUTURE({ edge: `${SINCE} → sources.${training.spine}.contract.event_time → training`, source: training.spine });
  if (service === undefined) return;
  for (const reference of services[service] ?? []) {
    const place = `feature_services.${service}`;
    const onDemand = file.on_demand_views?.[reference.view];
    if (onDemand) checkOnDemand(file, { reference, view: onDemand, late, place });
    else checkReference(file, { reference, late, place, beyond: 'training.features', end: `${place} → training.features` });
  }
}

/** A view with values, where it is read: how one gets from its keys beyond the place, and from its features to the end. */
function checkReference(file: PipelineFile, { reference, late, place, beyond, end }: { readonly reference: Reference; readonly late: ReadonlySet<string>; readonly place: string; readonly beyond: string; readonly end: string }): void {
  const view = file.feature_views[reference.view];
  if (!view) return;
  checkLookup(file, { reference, view, late, place, beyond });
  checkFeatures(file, { reference, view, end });
}

/** A view on demand: what its formulas take of the request, which is the very row in training, and the views that they read. */
function checkOnDemand(file: PipelineFile, { reference, view, late, place }: { readonly reference: Reference; readonly view: OnDemand; readonly late: ReadonlySet<string>; readonly place: string }): void {
  const own = `on_demand_views.${reference.view}`;
  const column = (name: string): string => reference.keys[name] ?? name;
  for (const [name, formula] of Object.entries(view.formulas)) {
    if (reference.features.length > 0 && !reference.features.includes(name)) continue;
    const end = `${own}.formulas.${name} → ${place} → training.features`;
    const named = new Set(formulaColumns(formula));
    for (const request of Object.keys(view.request)) {
      if (named.has(request) && late.has(column(request))) throw errors.REQUEST_LEAKS_FUTURE({ edge: `${column(request)} → ${own}.request.${request} → ${end}`, column: column(request), view: reference.view });
    }
    for (const read of view.reads) {
      const features = (read.features.length > 0 ? read.features : Object.keys(file.feature_views[read.view]?.features ?? {})).filter((feature) => named.has(read.prefix + feature));
      const keys = Object.fromEntries(Object.keys(file.entities[file.feature_views[read.view]?.entity ?? '']?.join_keys ?? {}).map((key) => [key, column(read.keys[key] ?? key)]));
      if (features.length > 0) checkReference(file, { reference: { ...read, features, keys }, late, place: `${own}.reads`, beyond: end, end });
    }
  }
}

type View = PipelineFile['feature_views'][string];
type OnDemand = NonNullable<PipelineFile['on_demand_views']>[string];
type Reference = PipelineFile['feature_services'][string][number];

/** The columns of the spine by which a view is asked. */
function checkLookup({ entities }: PipelineFile, { reference, view, late, place, beyond }: { readonly reference: Reference; readonly view: View; readonly late: ReadonlySet<string>; readonly place: string; readonly beyond: string }): void {
  for (const key of Object.keys(entities[view.entity]?.join_keys ?? {})) {
    const column = reference.keys[key] ?? key;
    if (late.has(column)) throw errors.KEY_LEAKS_FUTURE({ edge: `${column} → ${place}.${reference.view}.keys.${key} → ${beyond}`, column });
  }
}

/** What a view keeps, and when it says that it is known. */
function checkFeatures(file: PipelineFile, { reference, view, end }: { readonly reference: Reference; readonly view: View; readonly end: string }): void {
  const late = lateColumns(file, view.source);
  const place = `feature_views.${reference.view}`;
  if (file.sources[view.source]?.rollup && view.event_time !== UNTIL && !saysWhenKnown(view)) throw errors.ROLLUP_LEAKS_FUTURE({ edge: `${view.event_time} → ${place}.event_time → ${end}`, source: view.source });
  if (!saysWhenKnown(view)) {
    for (const [key, column] of Object.entries(view.keys)) if (late.has(column)) throw errors.VIEW_LEAKS_FUTURE({ edge: `${column} → ${place}.keys.${key} → ${end}`, column, view: reference.view });
  }
  for (const [name, feature] of Object.entries(view.features)) {
    if (reference.features.length > 0 && !reference.features.includes(name)) continue;
    const read = feature.latest ?? feature.latest_present ?? feature.previous ?? feature.difference ?? feature.mean ?? feature.sum ?? feature.min ?? feature.max;
    if (read === undefined) continue;
    const derived = view.derive[read];
    const column = derived?.column ?? read;
    if (!late.has(column)) continue;
    const edge = [column, ...(derived ? [`${place}.derive.${read}`] : []), `${place}.${name}`, end].join(' → ');
    if (!saysWhenKnown(view)) throw errors.VIEW_LEAKS_FUTURE({ edge, column, view: reference.view });
    if ((feature.latest ?? feature.latest_present ?? feature.difference) !== undefined && isKnownAtOnce(view) && hasRowsOfSpine(file, view.source)) throw errors.VIEW_SEES_OWN_ROW({ edge, column, view: reference.view });
  }
}

/** An empty map says nothing. */
const saysWhenKnown = ({ knowledge_time: known }: View): boolean => known !== undefined && (known.column !== undefined || known.delay !== undefined || Object.keys(known.terms).length > 0);

/** A window ends before the tile under way, so that it never holds the row that is asked for; the latest value does as soon as it is known. What an earlier event had is not the row's own. */
const isKnownAtOnce = ({ knowledge_time: known, event_time: event }: View): boolean => (known?.column === undefined ? (known?.delay ?? 0) === 0 && Object.keys(known?.terms ?? {}).length === 0 : known.column === event);
