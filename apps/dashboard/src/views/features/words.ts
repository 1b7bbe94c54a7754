import type { Feature, FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import type { Schema } from '@millrace/contracts/millrace/type/v1/schema';
import { bare } from '../../parts/meaning.js';
import { span } from '../../text.js';

const FOLDS: Readonly<Record<string, string>> = { LATEST: 'latest', COUNT: 'count of rows', SUM: 'sum', MEAN: 'mean', MIN: 'least', MAX: 'most', LATEST_PRESENT: 'latest that is there', PREVIOUS: 'previous', DIFFERENCE: 'difference' };
const SIGNS: Readonly<Record<string, string>> = { GREATER: '>', GREATER_OR_EQUAL: '≥', LESS: '<', LESS_OR_EQUAL: '≤', EQUAL: '=' };

/** What a feature is, in words. */
export function saysOf({ aggregation, column, formula, window, stepsBack }: Feature): string {
  if (formula !== '') return formula;
  const fold = FOLDS[aggregation.replace('AGGREGATION_', '')] ?? 'latest';
  return `${fold}${column === '' ? '' : ` of ${column}`}${window ? ` over ${span(Number(window.seconds))}` : ''}${stepsBack > 1 ? `, ${stepsBack} events back` : ''}`;
}

/** The same with a derived column said out. */
export function fullyOf(view: FeatureView, feature: Feature): string {
  const derived = view.derivedColumns.find(({ name }) => name === feature.column);
  if (!derived) return saysOf(feature);
  return saysOf({ ...feature, column: `${feature.column} (1 where ${derived.source} ${SIGNS[derived.comparison.replace('COMPARISON_', '')] ?? '?'} ${derived.threshold})` });
}

/** Tags in a line. */
export const tagsOf = (tags: Readonly<Record<string, string>>): readonly string[] => Object.entries(tags).map(([key, value]) => (value === '' ? key : `${key}: ${value}`)).sort();

/** When a row of a view can be known, in words. */
export function knownOf({ eventTimeColumn, knowledgeTime }: FeatureView): string {
  if (knowledgeTime?.column) return knowledgeTime.column;
  const parts = [eventTimeColumn, ...(knowledgeTime?.delay && knowledgeTime.delay.seconds !== 0n ? [span(Number(knowledgeTime.delay.seconds))] : []), ...(knowledgeTime?.terms ?? []).map(({ column }) => column)];
  return parts.join(' + ') || '–';
}

/** The type of a feature: of a formula its own, else what folding a column of the dataset gives; undefined while the schema is not known. */
export function typeOf(view: FeatureView, { aggregation, column, type, formula }: Feature, schema: Schema | undefined): string | undefined {
  if (formula !== '') return bare(type).toLowerCase();
  const kind = aggregation.replace('AGGREGATION_', '');
  if (kind === 'COUNT') return 'int64';
  if (kind === 'MEAN' || kind === 'DIFFERENCE') return 'float64';
  if (view.derivedColumns.some(({ name }) => name === column)) return 'int64';
  const source = schema?.columns.find(({ name }) => name === column)?.type;
  if (source === undefined) return undefined;
  const word = bare(source).toLowerCase();
  if (kind === 'SUM') return word === 'float64' ? 'float64' : 'int64';
  return word === 'bool' ? 'int64' : word;
}
