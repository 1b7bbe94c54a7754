import type { Entity } from '@millrace/contracts/millrace/features/v1/entity';
import type { FeatureReference, FeatureService } from '@millrace/contracts/millrace/features/v1/feature_service';
import { DerivedColumn_Comparison, type Feature, Feature_Aggregation, type FeatureView } from '@millrace/contracts/millrace/features/v1/feature_view';
import { ColumnType as ColumnTypeMessage } from '@millrace/contracts/millrace/type/v1/schema';
import { COLUMN_TYPE } from './contract-message.js';
import { toDuration } from './duration.js';
import type { PipelineFile } from './pipeline-file.js';

/** Feature definitions of a file as the feature store takes them. */
export interface FeatureMessages {
  readonly entities: readonly Entity[];
  readonly views: readonly FeatureView[];
  readonly services: readonly FeatureService[];
}

const SET_BY_SERVICE = { createTime: undefined, etag: '', version: 0, freshness: undefined, endpoints: [] };

export const featureMessages = (file: PipelineFile): FeatureMessages => ({
  entities: Object.entries(file.entities).map(([name, { description, join_keys, ...own }]) => ({
    name: `entities/${name}`,
    description,
    ...describedBy(own, file),
    joinKeys: Object.entries(join_keys).map(([column, type]) => ({ name: column, type: COLUMN_TYPE[type], nullable: false })),
    ...SET_BY_SERVICE,
  })),
  views: [...Object.entries(file.feature_views).map(([name, view]) => ({ ...viewMessage(name, view), ...describedBy(view, file) })), ...Object.entries(file.on_demand_views ?? {}).map(([name, view]) => ({ ...onDemandMessage(name, view), ...describedBy(view, file) }))],
  services: Object.entries(file.feature_services).map(([name, references]) => ({
    name: `featureServices/${name}`,
    description: '',
    ...describedBy({}, file),
    features: references.map(toReference),
    ...SET_BY_SERVICE,
  })),
});

/** What values follow from in the definitions of one kind: all but who answers for them and what they are found by. */
export const valuesOf = <T extends object>(definitions: Readonly<Record<string, T>>): Readonly<Record<string, Omit<T, 'owner' | 'tags'>>> =>
  Object.fromEntries(Object.entries(definitions).map(([name, { owner: _, tags: __, ...rest }]: readonly [string, T & Described]) => [name, rest]));

/** Owner and tags: what a definition says itself, over what the file says for all. */
const describedBy = ({ owner, tags }: Described, file: PipelineFile): { readonly owner: string; readonly tags: Readonly<Record<string, string>> } => ({ owner: owner ?? file.owner ?? '', tags: { ...file.tags, ...tags } });

interface Described {
  readonly owner?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

const viewMessage = (name: string, view: PipelineFile['feature_views'][string]): Omit<FeatureView, 'owner' | 'tags'> => ({
  name: `featureViews/${name}`,
  description: view.description,
  entity: `entities/${view.entity}`,
  dataset: `datasets/${view.source}`,
  joinKeyColumns: view.keys,
  eventTimeColumn: view.event_time,
  knowledgeTime: view.knowledge_time && {
    column: view.knowledge_time.column ?? '',
    delay: view.knowledge_time.delay === undefined ? undefined : toDuration(view.knowledge_time.delay),
    terms: Object.entries(view.knowledge_time.terms).map(([column, micros]) => ({ column, microsecondsPerUnit: micros })),
  },
  ttl: view.ttl === undefined ? undefined : toDuration(view.ttl),
  tile: view.tile === undefined ? undefined : toDuration(view.tile),
  features: Object.entries(view.features).map(([feature, spec]) => toFeature(feature, spec)),
  derivedColumns: Object.entries(view.derive).map(([column, spec]) => ({ name: column, source: spec.column, ...comparisonOf(spec) })),
  onDemand: undefined,
  ...SET_BY_SERVICE,
});

const toReference = ({ view, features, prefix, keys }: PipelineFile['feature_services'][string][number]): FeatureReference => ({ featureView: `featureViews/${view}`, features, prefix, keyColumns: keys });

const onDemandMessage = (name: string, { description, request, reads, formulas }: NonNullable<PipelineFile['on_demand_views']>[string]): Omit<FeatureView, 'owner' | 'tags'> => ({
  name: `featureViews/${name}`,
  description,
  entity: '',
  dataset: '',
  joinKeyColumns: {},
  eventTimeColumn: '',
  knowledgeTime: undefined,
  ttl: undefined,
  tile: undefined,
  derivedColumns: [],
  features: Object.entries(formulas).map(([feature, formula]) => ({ name: feature, column: '', aggregation: Feature_Aggregation.UNSPECIFIED, window: undefined, stepsBack: 0, type: ColumnTypeMessage.UNSPECIFIED, formula })),
  onDemand: { requestColumns: Object.entries(request).map(([column, type]) => ({ name: column, type: COLUMN_TYPE[type], nullable: true })), features: reads.map(toReference) },
  ...SET_BY_SERVICE,
});

type FeatureSpec = PipelineFile['feature_views'][string]['features'][string];

function toFeature(name: string, { latest, latest_present, previous, difference, steps = 1, mean, sum, min, max, window }: FeatureSpec): Feature {
  const [column, aggregation]: [string, Feature_Aggregation] =
    latest !== undefined ? [latest, Feature_Aggregation.LATEST]
    : latest_present !== undefined ? [latest_present, Feature_Aggregation.LATEST_PRESENT]
    : previous !== undefined ? [previous, Feature_Aggregation.PREVIOUS]
    : difference !== undefined ? [difference, Feature_Aggregation.DIFFERENCE]
    : mean !== undefined ? [mean, Feature_Aggregation.MEAN]
    : sum !== undefined ? [sum, Feature_Aggregation.SUM]
    : min !== undefined ? [min, Feature_Aggregation.MIN]
    : max !== undefined ? [max, Feature_Aggregation.MAX]
    : ['', Feature_Aggregation.COUNT];
  return { name, column, aggregation, window: window === undefined ? undefined : toDuration(window), stepsBack: previous === undefined && difference === undefined ? 0 : steps, type: ColumnTypeMessage.UNSPECIFIED, formula: '' };
}

function comparisonOf({ greater_than, at_least, less_than, at_most, equals }: PipelineFile['feature_views'][string]['derive'][string]) {
  if (greater_than !== undefined) return { comparison: DerivedColumn_Comparison.GREATER, threshold: greater_than };
  if (at_least !== undefined) return { comparison: DerivedColumn_Comparison.GREATER_OR_EQUAL, threshold: at_least };
  if (less_than !== undefined) return { comparison: DerivedColumn_Comparison.LESS, threshold: less_than };
  if (at_most !== undefined) return { comparison: DerivedColumn_Comparison.LESS_OR_EQUAL, threshold: at_most };
  return { comparison: DerivedColumn_Comparison.EQUAL, threshold: equals ?? 0 };
}
