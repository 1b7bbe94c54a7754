import type { Duration } from '@millrace/contracts/google/protobuf/duration';
import type { Entity as EntityMessage } from '@millrace/contracts/millrace/features/v1/entity';
import type { FeatureReference as ReferenceMessage, FeatureService as ServiceMessage } from '@millrace/contracts/millrace/features/v1/feature_service';
import { DerivedColumn_Comparison, Feature_Aggregation, type FeatureView as ViewMessage, type Freshness as FreshnessMessage, type FeatureViewVersion as ViewVersionMessage } from '@millrace/contracts/millrace/features/v1/feature_view';
import { ColumnType as TypeMessage } from '@millrace/contracts/millrace/type/v1/schema';
import { resourceName } from '@millrace/core';
import type { Kept } from './definition.store.js';
import type { Described } from './described.js';
import { type Entity, entityName } from './entity.js';
import { errors } from './errors.js';
import type { FeatureReference } from './feature-reference.js';
import { type FeatureService, featureServiceName } from './feature-service.js';
import { type Aggregation, type Comparison, type FeatureView, featureViewName, HOUR } from './feature-view.js';
import type { Freshness } from './freshness.js';
import { type AnyView, isOnDemand, type OnDemandDraft, type OnDemandView } from './on-demand-view.js';
import { columnTypeMessage, parseColumnType } from './source-table.js';
import type { ViewVersion } from './view-version.store.js';

export const datasetName = resourceName('datasets/{dataset}');
const viewVersionName = resourceName('featureViews/{view}/versions/{version}');
const AGGREGATIONS: Record<Aggregation, Feature_Aggregation> = {
  LATEST: Feature_Aggregation.LATEST,
  LATEST_PRESENT: Feature_Aggregation.LATEST_PRESENT,
  PREVIOUS: Feature_Aggregation.PREVIOUS,
  DIFFERENCE: Feature_Aggregation.DIFFERENCE,
  COUNT: Feature_Aggregation.COUNT,
  SUM: Feature_Aggregation.SUM,
  MEAN: Feature_Aggregation.MEAN,
  MIN: Feature_Aggregation.MIN,
  MAX: Feature_Aggregation.MAX,
};
const COMPARISONS: Record<Comparison, DerivedColumn_Comparison> = {
  GREATER: DerivedColumn_Comparison.GREATER,
  GREATER_OR_EQUAL: DerivedColumn_Comparison.GREATER_OR_EQUAL,
  LESS: DerivedColumn_Comparison.LESS,
  LESS_OR_EQUAL: DerivedColumn_Comparison.LESS_OR_EQUAL,
  EQUAL: DerivedColumn_Comparison.EQUAL,
};

export const toEntity = ({ body, createTime, revision }: Kept<Entity>): EntityMessage => ({
  name: entityName.format(body),
  ...toDescribed(body),
  joinKeys: body.joinKeys.map(({ name, type, nullable }) => ({ name, type: columnTypeMessage(type), nullable })),
  createTime,
  etag: String(revision),
});

export const parseEntity = (message: EntityMessage | undefined): Entity => ({
  entity: entityName.parse(message?.name ?? '').entity,
  ...parseDescribed(message),
  joinKeys: (message?.joinKeys ?? []).map(({ name, type }) => ({ name, type: parseColumnType(type), nullable: false })),
});

/** A view in the version that it is in, with how new its values are. */
export const toView = (kept: Kept<AnyView>, { version, freshness }: { readonly version: number; readonly freshness: Freshness | undefined }): ViewMessage => {
  const { body, createTime, revision } = kept;
  const common = { name: featureViewName.format(body), ...toDescribed(body), createTime, etag: String(revision), version };
  return isOnDemand(body) ? { ...common, ...onDemandParts(body) } : { ...common, ...holdingParts(body), freshness: freshness && freshnessMessage(freshness) };
};

type Parts = Omit<ViewMessage, 'name' | 'description' | 'owner' | 'tags' | 'createTime' | 'etag' | 'version'>;

const holdingParts = (view: FeatureView): Omit<Parts, 'freshness'> => ({
  entity: entityName.format(view),
  dataset: datasetName.format(view),
  joinKeyColumns: Object.fromEntries(view.joinKeys.map((key, i) => [key, view.keyColumns[i] ?? key])),
  eventTimeColumn: view.eventTime,
  knowledgeTime: { column: view.knowledge.column, delay: toDuration(view.knowledge.delay), terms: view.knowledge.terms.map(({ column, microseconds }) => ({ column, microsecondsPerUnit: microseconds })) },
  ttl: view.ttl === 0 ? undefined : toDuration(view.ttl),
  // Types are told by the training sets that hold the features.
  features: view.features.map(({ name, column, aggregation, window, stepsBack = 0 }) => ({ name, column, aggregation: AGGREGATIONS[aggregation], window: window === 0 ? undefined : toDuration(window), stepsBack, type: TypeMessage.UNSPECIFIED, formula: '' })),
  tile: toDuration(view.tile),
  derivedColumns: view.derived.map(({ name, source, comparison, threshold }) => ({ name, source, comparison: COMPARISONS[comparison], threshold })),
  onDemand: undefined,
});

const onDemandParts = ({ request, inputs, features }: OnDemandView): Parts => ({
  entity: '',
  dataset: '',
  joinKeyColumns: {},
  eventTimeColumn: '',
  knowledgeTime: undefined,
  ttl: undefined,
  tile: undefined,
  derivedColumns: [],
  freshness: undefined,
  features: features.map(({ name, formula, type }) => ({ name, column: '', aggregation: Feature_Aggregation.UNSPECIFIED, window: undefined, stepsBack: 0, type: columnTypeMessage(type), formula })),
  onDemand: { requestColumns: request.map(({ name, type }) => ({ name, type: columnTypeMessage(type), nullable: true })), features: inputs.map(toReference) },
});

const freshnessMessage = ({ filled, pushedThrough, outdated }: Freshness): FreshnessMessage => ({
  outdated,
  materializeTime: filled?.time,
  datasetVersion: filled?.datasetVersion ?? '',
  knownBefore: toDate(filled?.knownBefore),
  pushedThrough: toDate(pushedThrough),
});

/** What a view was; it has no etag, because nobody changes it. */
export const toViewVersion = ({ version, body, createTime }: ViewVersion): ViewVersionMessage => ({
  name: viewVersionName.format({ view: body.view, version }),
  featureView: { ...toView({ body, createTime, revision: 0 }, { version, freshness: undefined }), etag: '' },
  createTime,
});

/** A view without what its entity says, and the source columns of its keys. */
export function parseView(message: ViewMessage | undefined): { view: Omit<FeatureView, 'keyColumns' | 'joinKeys'>; columns: Readonly<Record<string, string>> } {
  const { view: name } = featureViewName.parse(message?.name ?? '');
  const fault = (place: string, why: string): Error => errors.INVALID_DEFINITION({ name: featureViewName.format({ view: name }), place, why });
  const view = {
    view: name,
    ...parseDescribed(message),
    entity: entityName.parse(message?.entity ?? '').entity,
    dataset: datasetName.parse(message?.dataset ?? '').dataset,
    eventTime: message?.eventTimeColumn ?? '',
    knowledge: {
      column: message?.knowledgeTime?.column ?? '',
      delay: micros(message?.knowledgeTime?.delay),
      terms: (message?.knowledgeTime?.terms ?? []).map(({ column, microsecondsPerUnit }) => ({ column, microseconds: microsecondsPerUnit })),
    },
    ttl: micros(message?.ttl),
    tile: message?.tile === undefined ? HOUR : micros(message.tile),
    derived: (message?.derivedColumns ?? []).map(({ name: column, source, comparison, threshold }) => {
      const known = keyOf(COMPARISONS, comparison);
      if (known === undefined) throw fault(`derived_columns.${column}`, 'it has no comparison');
      return { name: column, source, comparison: known, threshold };
    }),
    features: (message?.features ?? []).map(({ name: feature, column, aggregation, window, stepsBack }) => ({ name: feature, column, aggregation: keyOf(AGGREGATIONS, aggregation) ?? ('LATEST' as const), window: micros(window), ...(stepsBack !== 0 && { stepsBack }) })),
  };
  return { view, columns: message?.joinKeyColumns ?? {} };
}

/** A view on demand as it is asked for; what only a view with values can have is refused by name. */
export function parseOnDemand(message: ViewMessage): OnDemandDraft {
  const { view } = featureViewName.parse(message.name);
  const fault = (place: string, why: string): Error => errors.INVALID_DEFINITION({ name: featureViewName.format({ view }), place, why });
  const { entity, dataset, joinKeyColumns, eventTimeColumn, knowledgeTime, ttl, tile, derivedColumns, onDemand } = message;
  const strange = Object.entries({ entity, dataset, join_key_columns: joinKeyColumns, event_time_column: eventTimeColumn, knowledge_time: knowledgeTime, ttl, tile, derived_columns: derivedColumns }).find(([, value]) => isGiven(value));
  if (strange) throw fault(strange[0], 'a view on demand does not have it, because the views that it reads do; leave it out');
  return {
    view,
    ...parseDescribed(message),
    request: (onDemand?.requestColumns ?? []).map(({ name, type }, i) => {
      if (type === TypeMessage.UNSPECIFIED) throw fault(`on_demand.request_columns[${i}]`, `"${name}" has no type`);
      return { name, type: parseColumnType(type) };
    }),
    inputs: (onDemand?.features ?? []).map(parseReference),
    features: message.features.map(({ name, formula }) => ({ name, formula })),
  };
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== '' && (typeof value !== 'object' || value === null || Object.keys(value).length > 0);

/** A service with the endpoints that serve with it. */
export const toService = ({ body, createTime, revision }: Kept<FeatureService>, endpoints: readonly string[]): ServiceMessage => ({
  name: featureServiceName.format(body),
  ...toDescribed(body),
  features: body.references.map(toReference),
  createTime,
  etag: String(revision),
  endpoints: [...endpoints],
});

export const parseService = (message: ServiceMessage | undefined): FeatureService => ({
  service: featureServiceName.parse(message?.name ?? '').service,
  ...parseDescribed(message),
  references: (message?.features ?? []).map(parseReference),
});

const toReference = ({ view, features, prefix, keyColumns }: FeatureReference): ReferenceMessage => ({ featureView: featureViewName.format({ view }), features: [...features], prefix, keyColumns: { ...keyColumns } });
const parseReference = ({ featureView, features, prefix, keyColumns }: ReferenceMessage): FeatureReference => ({ view: featureViewName.parse(featureView).view, features, prefix, keyColumns });

interface DescribedMessage {
  readonly description: string;
  readonly owner: string;
  readonly tags: { readonly [key: string]: string };
}

const toDescribed = ({ description, owner = '', tags = {} }: Described) => ({ description, owner, tags: { ...tags } });

/** What is empty is left out, as in definitions from before there were owners and tags: they stay as they are. */
const parseDescribed = ({ description, owner, tags }: DescribedMessage = { description: '', owner: '', tags: {} }): Described => ({ description, ...(owner === '' ? {} : { owner }), ...(Object.keys(tags).length === 0 ? {} : { tags }) });

/** The end of a calendar's days, in milliseconds. */
const LAST_DAY = 8.64e15;
/** A microsecond as a time; what lies beyond a calendar says nothing. */
export const toDate = (micros: number | undefined): Date | undefined => (micros === undefined || Math.abs(micros) > LAST_DAY * 1000 ? undefined : new Date(Math.floor(micros / 1000)));

const SECOND = 1_000_000;
const micros = (duration: Duration | undefined): number => (duration === undefined ? 0 : Number(duration.seconds) * SECOND + Math.round(duration.nanos / 1000));
const toDuration = (value: number): Duration => ({ seconds: BigInt(Math.trunc(value / SECOND)), nanos: Math.round(value % SECOND) * 1000 });

function keyOf<Key extends string, Value>(table: Readonly<Record<Key, Value>>, value: Value): Key | undefined {
  return (Object.keys(table) as Key[]).find((key) => table[key] === value);
}
