import type { Duration } from '@millrace/contracts/google/protobuf/duration';
import type { FeatureReference } from '@millrace/contracts/millrace/features/v1/feature_service';
import type { Feature, FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import { shortName } from '../calls/names.js';
import { word } from '../text/state-word.js';

/** What a view is made of, part by part, in words: equal parts have equal words. The features come last. */
export function viewParts(view: FeatureView): readonly (readonly [string, string])[] {
  const derived = view.derivedColumns.map(({ name, source, comparison, threshold }) => [`derived ${name}`, `${source} ${SIGNS[word(comparison).replace('COMPARISON_', '')] ?? '?'} ${threshold}`] as const);
  const features = view.features.map((feature) => [`feature ${feature.name}`, featureWords(feature)] as const);
  return [...viewFacts(view), ...derived, ...features].filter(([, words]) => words !== '');
}

/** Where the values of a view come from and how long they live; of a view on demand, what it reads. */
export function viewFacts({ entity, dataset, joinKeyColumns, eventTimeColumn, knowledgeTime, ttl, tile, onDemand }: FeatureView): readonly (readonly [string, string])[] {
  if (onDemand) return [['asks for', onDemand.requestColumns.map(({ name, type }) => `${name} ${word(type)}`).join(', ')], ['reads', onDemand.features.map(referenceWords).join('; ')]];
  const keys = Object.entries(joinKeyColumns).map(([key, column]) => (key === column ? key : `${key} in ${column}`));
  const delay = [showDuration(knowledgeTime?.delay), ...(knowledgeTime?.terms ?? []).map(({ column }) => column)].filter((part) => part !== '');
  return [
    ['entity', `${shortName(entity)} by ${keys.join(', ')}`],
    ['source', shortName(dataset)],
    ['true at', eventTimeColumn],
    ['known at', knowledgeTime?.column ? knowledgeTime.column : [eventTimeColumn, ...delay].join(' + ')],
    ['lives', ttl ? showDuration(ttl) : 'for ever'],
    ['tile', showDuration(tile)],
  ];
}

/** What is computed of what, and over how long. */
export function featureWords(feature: Feature): string {
  const { column, window, formula } = feature;
  if (formula !== '') return formula;
  const over = showDuration(window);
  return [aggregationWord(feature), ...(column === '' ? [] : ['of', column]), ...(over === '' ? [] : ['over', over])].join(' ');
}

export const aggregationWord = ({ aggregation, stepsBack }: Pick<Feature, 'aggregation' | 'stepsBack'>): string => `${word(aggregation).replace('AGGREGATION_', '').toLowerCase().replaceAll('_', ' ')}${stepsBack === 0 ? '' : `, ${stepsBack} back`}`;

function referenceWords({ featureView, features, prefix, keyColumns }: FeatureReference): string {
  const keys = Object.entries(keyColumns).map(([key, column]) => `${key} in ${column}`);
  return [features.length === 0 ? 'all' : features.join(', '), 'of', shortName(featureView), ...(prefix === '' ? [] : ['as', `${prefix}…`]), ...(keys.length === 0 ? [] : ['by', keys.join(', ')])].join(' ');
}

export const SIGNS: Readonly<Record<string, string>> = { GREATER: '>', GREATER_OR_EQUAL: '≥', LESS: '<', LESS_OR_EQUAL: '≤', EQUAL: '=' };
const UNITS = [['d', 86_400], ['h', 3_600], ['min', 60], ['s', 1]] as const;

/** A duration in its largest whole unit; empty for none. */
export function showDuration(duration: Duration | undefined): string {
  const seconds = Number(duration?.seconds ?? 0) + (duration?.nanos ?? 0) / 1e9;
  if (seconds === 0) return '';
  const [unit, size] = UNITS.find(([, length]) => seconds % length === 0) ?? ['s', 1];
  return `${seconds / size} ${unit}`;
}
