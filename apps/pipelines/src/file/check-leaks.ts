import { errors } from '../errors.js';
import { knownAfterEvent } from './file-schema.js';
import { hasRowsOfSpine, lateColumns } from './late-columns.js';
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
  if (service === undefined) return;
  for (const reference of services[service] ?? []) {
    const view = file.feature_views[reference.view];
    if (!view) continue;
    const place = `feature_services.${service}`;
    checkLookup(file, { reference, view, late, place });
    checkFeatures(file, { reference, view, end: `${place} → training.features` });
  }
}

type View = PipelineFile['feature_views'][string];
type Reference = PipelineFile['feature_services'][string][number];

/** The columns of the spine by which a view is asked. */
function checkLookup({ entities }: PipelineFile, { reference, view, late, place }: { readonly reference: Reference; readonly view: View; readonly late: ReadonlySet<string>; readonly place: string }): void {
  for (const key of Object.keys(entities[view.entity]?.join_keys ?? {})) {
    const column = reference.keys[key] ?? key;
    if (late.has(column)) throw errors.KEY_LEAKS_FUTURE({ edge: `${column} → ${place}.${reference.view}.keys.${key} → training.features`, column });
  }
}

/** What a view keeps, and when it says that it is known. */
function checkFeatures(file: PipelineFile, { reference, view, end }: { readonly reference: Reference; readonly view: View; readonly end: string }): void {
  const late = lateColumns(file, view.source);
  const place = `feature_views.${reference.view}`;
  if (!saysWhenKnown(view)) {
    for (const [key, column] of Object.entries(view.keys)) if (late.has(column)) throw errors.VIEW_LEAKS_FUTURE({ edge: `${column} → ${place}.keys.${key} → ${end}`, column, view: reference.view });
  }
  for (const [name, feature] of Object.entries(view.features)) {
    if (reference.features.length > 0 && !reference.features.includes(name)) continue;
    const read = feature.latest ?? feature.mean ?? feature.sum ?? feature.min ?? feature.max;
    if (read === undefined) continue;
    const derived = view.derive[read];
    const column = derived?.column ?? read;
    if (!late.has(column)) continue;
    const edge = [column, ...(derived ? [`${place}.derive.${read}`] : []), `${place}.${name}`, end].join(' → ');
    if (!saysWhenKnown(view)) throw errors.VIEW_LEAKS_FUTURE({ edge, column, view: reference.view });
    if (feature.latest !== undefined && isKnownAtOnce(view) && hasRowsOfSpine(file, view.source)) throw errors.VIEW_SEES_OWN_ROW({ edge, column, view: reference.view });
  }
}

/** An empty map says nothing. */
const saysWhenKnown = ({ knowledge_time: known }: View): boolean => known !== undefined && (known.column !== undefined || known.delay !== undefined || Object.keys(known.terms).length > 0);

/** A window ends before the tile under way, so that it never holds the row that is asked for; the latest value does as soon as it is known. */
const isKnownAtOnce = ({ knowledge_time: known, event_time: event }: View): boolean => (known?.column === undefined ? (known?.delay ?? 0) === 0 && Object.keys(known?.terms ?? {}).length === 0 : known.column === event);
