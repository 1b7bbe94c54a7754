import { canonicalJson, type ColumnType, resourceName, type Schema } from '@millrace/core';
import { checkDescribed, type Described } from './described.js';
import { type Entity, KEY_TYPES } from './entity.js';
import { errors } from './errors.js';

export const featureViewName = resourceName('featureViews/{view}');

export type Aggregation = 'LATEST' | 'LATEST_PRESENT' | 'PREVIOUS' | 'DIFFERENCE' | 'COUNT' | 'SUM' | 'MEAN' | 'MIN' | 'MAX';
/** Those that look back over the newest rows instead of folding a window. */
export type LookBack = 'LATEST_PRESENT' | 'PREVIOUS' | 'DIFFERENCE';
export type Comparison = 'GREATER' | 'GREATER_OR_EQUAL' | 'LESS' | 'LESS_OR_EQUAL' | 'EQUAL';

/** One feature: a value of the newest known rows, or an aggregate of a column over a window of whole tiles. */
export interface Feature {
  readonly name: string;
  readonly column: string;
  readonly aggregation: Aggregation;
  /** Microseconds; 0 for what has no window. */
  readonly window: number;
  /** How many events before the newest one, for PREVIOUS and DIFFERENCE. */
  readonly stepsBack?: number;
}

/** When a row could be known: a column, or event time + delay + Σ column × microseconds. */
export interface KnowledgeTime {
  readonly column: string;
  readonly delay: number;
  readonly terms: readonly { readonly column: string; readonly microseconds: number }[];
}

/** 1 or 0 by a threshold; missing stays missing. */
export interface DerivedColumn {
  readonly name: string;
  readonly source: string;
  readonly comparison: Comparison;
  readonly threshold: number;
}

/** A group of features of one entity from one dataset. Durations are microseconds. */
export interface FeatureView extends Described {
  readonly view: string;
  readonly entity: string;
  readonly dataset: string;
  /** Source column of each join key, in the order of the entity's keys. */
  readonly keyColumns: readonly string[];
  readonly joinKeys: readonly string[];
  readonly eventTime: string;
  readonly knowledge: KnowledgeTime;
  /** 0 means for ever. */
  readonly ttl: number;
  readonly tile: number;
  readonly derived: readonly DerivedColumn[];
  readonly features: readonly Feature[];
}

export const HOUR = 3_600_000_000;
export const MAX_TILES_IN_WINDOW = 10_000;
/** How many of the newest rows of a key are looked at: online and offline hold to it alike. */
export const LOOK_BACK_ROWS = 16;
const MAX_TILE = 366 * 24 * HOUR;
/** What features are called. */
export const FEATURE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** Finds contradictions in a view; throws INVALID_DEFINITION and names the place. */
export function checkView(view: FeatureView, entity: Entity): FeatureView {
  const fault = (place: string, why: string): Error => errors.INVALID_DEFINITION({ name: featureViewName.format(view), place, why });
  checkDescribed(view, fault);
  if (view.keyColumns.length !== entity.joinKeys.length) throw fault('join_key_columns', `give a source column for each of ${entity.joinKeys.map(({ name }) => name).join(', ')}`);
  if (view.eventTime === '') throw fault('event_time_column', 'a view needs the time at which a row was true');
  if (!(view.tile >= 1_000_000 && view.tile <= MAX_TILE)) throw fault('tile', 'a tile is at least one second and at most 366 days');
  if (!(view.ttl >= 0)) throw fault('ttl', 'a time to live is not negative');
  for (const { column, microseconds } of view.knowledge.terms) if (!Number.isFinite(microseconds)) throw fault(`knowledge_time.terms.${column}`, 'microseconds_per_unit is no finite number');
  if (view.features.length === 0) throw fault('features', 'there is none');
  const names = new Set<string>();
  for (const { name, aggregation, window, column, stepsBack = 0 } of view.features) {
    if (!FEATURE_NAME.test(name)) throw fault(`features.${name}`, 'a name starts with a letter and holds letters, digits or underscore');
    if (names.has(name)) throw fault(`features.${name}`, 'the name stands twice');
    names.add(name);
    if (aggregation !== 'COUNT' && column === '') throw fault(`features.${name}`, 'it names no column');
    const newest = isNewest(aggregation);
    if (newest ? window !== 0 : window <= 0) throw fault(`features.${name}`, newest ? `${aggregation} has no window` : 'an aggregate needs a window');
    if (aggregation === 'PREVIOUS' || aggregation === 'DIFFERENCE' ? !(stepsBack >= 1 && stepsBack < LOOK_BACK_ROWS) : stepsBack !== 0)
      throw fault(`features.${name}`, aggregation === 'PREVIOUS' || aggregation === 'DIFFERENCE' ? `it looks 1 to ${LOOK_BACK_ROWS - 1} events back; say how many` : `${aggregation} does not look steps back`);
    if (window % view.tile !== 0) throw fault(`features.${name}`, 'its window is not a whole number of tiles');
    if (window / view.tile > MAX_TILES_IN_WINDOW) throw fault(`features.${name}`, `its window has more than ${MAX_TILES_IN_WINDOW} tiles; use a larger tile`);
  }
  const derived = new Set<string>();
  for (const { name, source, threshold } of view.derived) {
    if (name === source) throw fault(`derived_columns.${name}`, 'it is made from itself');
    if (derived.has(name)) throw fault(`derived_columns.${name}`, 'the name stands twice');
    derived.add(name);
    if (!Number.isFinite(threshold)) throw fault(`derived_columns.${name}`, 'its threshold is no finite number');
  }
  return view;
}

/** The type of a source column; FLOAT64 where it is not there. */
export const sourceType = (schema: Schema, column: string): ColumnType => schema.find(({ name }) => name === column)?.type ?? 'FLOAT64';

/** Columns of the source that a view reads. */
export function sourceColumns(view: FeatureView): readonly string[] {
  const derived = new Map(view.derived.map(({ name, source }) => [name, source]));
  const read = [
    ...view.keyColumns,
    view.eventTime,
    ...(view.knowledge.column === '' ? view.knowledge.terms.map(({ column }) => column) : [view.knowledge.column]),
    ...view.features.filter(({ aggregation }) => aggregation !== 'COUNT').map(({ column }) => derived.get(column) ?? column),
  ];
  return [...new Set(read)];
}

/** The part of a schema that a view reads. */
export function readSchema(view: FeatureView, schema: Schema): Schema {
  const read = new Set(sourceColumns(view));
  return schema.filter(({ name }) => read.has(name));
}

const NUMBERS: readonly ColumnType[] = ['INT64', 'FLOAT64'];
const COUNTABLE: readonly ColumnType[] = [...NUMBERS, 'BOOL'];

/** Throws COLUMN_UNKNOWN where the dataset lacks a column that the view reads, and COLUMN_TYPE where one cannot be read as the view wants it. */
export function checkSource(view: FeatureView, schema: Schema): void {
  const name = featureViewName.format(view);
  const found = new Map(schema.map((column) => [column.name, column.type]));
  const unknown = sourceColumns(view).find((column) => !found.has(column));
  if (unknown !== undefined) throw errors.COLUMN_UNKNOWN({ dataset: view.dataset, column: unknown, name, found: [...found.keys()].join(', ') });
  const need = (column: string, types: readonly ColumnType[]): void => {
    const type = found.get(column);
    if (type !== undefined && !types.includes(type)) throw errors.COLUMN_TYPE({ column, dataset: view.dataset, type, name, wanted: types.join(' or ') });
  };
  const { knowledge, derived } = view;
  for (const column of view.keyColumns) need(column, KEY_TYPES);
  need(view.eventTime, ['TIMESTAMP']);
  if (knowledge.column !== '') need(knowledge.column, ['TIMESTAMP']);
  else for (const { column } of knowledge.terms) need(column, NUMBERS);
  const made = new Map(derived.map((column) => [column.name, column.source]));
  for (const column of latestColumns(view)) if (made.has(column)) need(made.get(column) ?? '', COUNTABLE);
  for (const { aggregation, column } of view.features) if (aggregation === 'DIFFERENCE') need(made.get(column) ?? column, COUNTABLE);
  for (const column of foldedColumns(view)) need(made.get(column) ?? column, COUNTABLE);
}

/** The type of a feature's values. */
export function featureType(view: FeatureView, { aggregation, column }: Feature, schema: Schema): ColumnType {
  const source = view.derived.some(({ name }) => name === column) ? 'INT64' : schema.find(({ name }) => name === column)?.type;
  switch (aggregation) {
    case 'COUNT':
      return 'INT64';
    case 'MEAN':
    case 'DIFFERENCE':
      return 'FLOAT64';
    case 'SUM':
      return source === 'FLOAT64' ? 'FLOAT64' : 'INT64';
    case 'MIN':
    case 'MAX':
    case 'LATEST':
    case 'LATEST_PRESENT':
    case 'PREVIOUS':
      return source === 'BOOL' ? 'INT64' : (source ?? 'FLOAT64');
  }
}

/** Columns that are folded per tile, in a fixed order; COUNT needs none. */
export const foldedColumns = (view: FeatureView): readonly string[] => [...new Set(view.features.filter(({ aggregation }) => aggregation !== 'COUNT' && !isNewest(aggregation)).map(({ column }) => column))];
/** Columns of which the newest rows are kept. */
export const latestColumns = (view: FeatureView): readonly string[] => [...new Set(view.features.filter(({ aggregation }) => isNewest(aggregation)).map(({ column }) => column))];
/** Features that look back, in the order of the view. */
export const lookBacks = (view: FeatureView): readonly (Feature & { readonly aggregation: LookBack })[] => view.features.flatMap((feature) => (isLookBack(feature.aggregation) ? [{ ...feature, aggregation: feature.aggregation }] : []));

/** Whether a feature is made of the newest rows, and not of a window. */
export const isNewest = (aggregation: Aggregation): boolean => aggregation === 'LATEST' || isLookBack(aggregation);
const isLookBack = (aggregation: Aggregation): aggregation is LookBack => aggregation === 'LATEST_PRESENT' || aggregation === 'PREVIOUS' || aggregation === 'DIFFERENCE';

/** What the online state of a view is made of, as one text: states of equal meaning can stand for each other. Time to live and names of features are not part of it. */
export const meaningOf = (view: FeatureView): string => {
  const { dataset, eventTime, keyColumns, knowledge, tile, derived } = view;
  const [folded, latest] = [foldedColumns(view), latestColumns(view)];
  return canonicalJson({ dataset, eventTime, keyColumns, knowledge, tile, folded, latest, derived: derived.filter(({ name }) => folded.includes(name) || latest.includes(name)) });
};

/** What the values of a view follow from, as one text: all but what people say of it. */
export const valuesOf = ({ description: _, owner: __, tags: ___, ...rest }: Described): string => canonicalJson(rest);

/** Windows of the aggregates in tiles, each once, shortest first. */
export const windowLengths = (view: FeatureView): readonly number[] => [...new Set(view.features.filter(({ aggregation }) => !isNewest(aggregation)).map(({ window }) => window / view.tile))].sort((a, b) => a - b);

/** The longest window in tiles; 0 when there is none. */
export const longestWindow = (view: FeatureView): number => Math.max(0, ...view.features.map(({ window }) => window / view.tile));
