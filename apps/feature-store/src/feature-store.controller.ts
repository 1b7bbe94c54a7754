import { Inject } from '@nestjs/common';
import {
  type ApplyEntityRequest,
  type ApplyFeatureServiceRequest,
  type ApplyFeatureViewRequest,
  type CheckFeaturesRequest,
  type CreateMaterializationRequest,
  type CreateTrainingSetRequest,
  type DeleteEntityRequest,
  type DeleteFeatureServiceRequest,
  type DeleteFeatureViewRequest,
  type ExplainFeaturesRequest,
  FeatureStoreServiceDefinition,
  type GetEntityRequest,
  type GetFeatureServiceRequest,
  type GetFeatureViewRequest,
  type GetMaterializationRequest,
  type GetOnlineFeaturesRequest,
  type GetTrainingSetRequest,
  type ListEntitiesRequest,
  type ListFeatureServicesRequest,
  type ListFeatureViewsRequest,
  type ListFeatureViewVersionsRequest,
  type ListMaterializationsRequest,
  type ListSourceRowsRequest,
  type ListTrainingSetsRequest,
  type PushRowsRequest,
  type WatchMaterializationRequest,
  type WatchTrainingSetRequest,
} from '@millrace/contracts/millrace/features/v1/feature_store_service';
import { parseFilter, parsePage, toPage } from '@millrace/core';
import type { Call, Handlers } from '@millrace/rpc';
import { GrpcController } from '@millrace/service';
import { DefinitionService } from './definition.service.js';
import type { Kept } from './definition.store.js';
import { datasetName, parseEntity, parseOnDemand, parseService, parseView, toEntity, toService, toView, toViewVersion } from './definition.wire.js';
import { entityName } from './entity.js';
import { errors } from './errors.js';
import { ExplanationService } from './explanation.service.js';
import { parseAsked, toExplained, toSourceRow } from './explanation.wire.js';
import { FeatureCheckService, MAX_VECTORS } from './feature-check.service.js';
import { type FeatureService, featureServiceName } from './feature-service.js';
import { toVector } from './feature-vector.wire.js';
import { featureViewName } from './feature-view.js';
import { keyCell, parseMaterialization, parseTrainingSet, parseVector, toMaterialization, toTrainingSet } from './features.wire.js';
import { FreshnessReader } from './freshness.js';
import { materializationName } from './materialization.js';
import { MaterializationService } from './materialization.service.js';
import { type AnyView, isOnDemand } from './on-demand-view.js';
import { OnlineService } from './online/online.service.js';
import type { CheckedFeature, ServedVector } from './served-vector.js';
import { type TrainingSet, trainingSetName } from './training-set.js';
import { TrainingSetService } from './training-set.service.js';

@GrpcController(FeatureStoreServiceDefinition)
export class FeatureStoreController implements Handlers<typeof FeatureStoreServiceDefinition> {
  constructor(
    @Inject(DefinitionService) private readonly definitions: DefinitionService,
    @Inject(TrainingSetService) private readonly sets: TrainingSetService,
    @Inject(MaterializationService) private readonly materializations: MaterializationService,
    @Inject(OnlineService) private readonly online: OnlineService,
    @Inject(FeatureCheckService) private readonly checks: FeatureCheckService,
    @Inject(ExplanationService) private readonly explanations: ExplanationService,
    @Inject(FreshnessReader) private readonly freshness: FreshnessReader,
  ) {}

  async applyEntity({ entity }: ApplyEntityRequest) {
    return toEntity(await this.definitions.applyEntity(parseEntity(entity), entity?.etag ?? ''));
  }

  async getEntity({ name }: GetEntityRequest) {
    return toEntity(await this.definitions.getEntity(entityName.parse(name).entity));
  }

  async listEntities(request: ListEntitiesRequest) {
    const page = parsePage(request, 'ListEntities');
    const { rows, nextPageToken } = toPage(await this.definitions.listEntities(page, parseFilter(request.filter, ['owner', 'tag', 'text'])), page, ({ name }) => name);
    return { entities: rows.map(toEntity), nextPageToken };
  }

  async deleteEntity({ name, etag }: DeleteEntityRequest) {
    await this.definitions.deleteEntity(entityName.parse(name).entity, etag);
    return {};
  }

  async applyFeatureView({ featureView }: ApplyFeatureViewRequest) {
    if (featureView?.onDemand) return this.#view(await this.definitions.applyOnDemandView(parseOnDemand(featureView), featureView.etag));
    const { view, columns } = parseView(featureView);
    return this.#view(await this.definitions.applyView(view, { columns, etag: featureView?.etag ?? '' }));
  }

  async getFeatureView({ name }: GetFeatureViewRequest) {
    return this.#view(await this.definitions.getView(featureViewName.parse(name).view));
  }

  async listFeatureViews(request: ListFeatureViewsRequest) {
    const page = parsePage(request, 'ListFeatureViews');
    const { entity, dataset, ...sought } = parseFilter(request.filter, ['owner', 'tag', 'text', 'entity', 'dataset']);
    const found = await this.definitions.listViews(page, { ...sought, entity: entity && entityName.parse(entity).entity, dataset: dataset && datasetName.parse(dataset).dataset });
    const { rows, nextPageToken } = toPage(found, page, ({ name }) => name);
    return { featureViews: await this.#views(rows), nextPageToken };
  }

  async listFeatureViewVersions(request: ListFeatureViewVersionsRequest) {
    const page = parsePage(request, 'ListFeatureViewVersions');
    const found = await this.definitions.listViewVersions(featureViewName.parse(request.parent).view, page);
    const { rows, nextPageToken } = toPage(found, page, ({ version }) => String(version));
    return { featureViewVersions: rows.map(toViewVersion), nextPageToken };
  }

  async deleteFeatureView({ name, etag }: DeleteFeatureViewRequest) {
    const { view } = featureViewName.parse(name);
    await this.definitions.deleteView(view, etag, () => this.online.drop(view));
    return {};
  }

  async applyFeatureService({ featureService }: ApplyFeatureServiceRequest) {
    return this.#service(await this.definitions.applyService(parseService(featureService), featureService?.etag ?? ''));
  }

  async getFeatureService({ name }: GetFeatureServiceRequest) {
    return this.#service(await this.definitions.getService(featureServiceName.parse(name).service));
  }

  async listFeatureServices(request: ListFeatureServicesRequest) {
    const page = parsePage(request, 'ListFeatureServices');
    const { feature_view: view, ...sought } = parseFilter(request.filter, ['owner', 'tag', 'text', 'feature_view']);
    const found = await this.definitions.listServices(page, { ...sought, view: view && featureViewName.parse(view).view });
    const { rows, nextPageToken } = toPage(found, page, ({ name }) => name);
    const endpoints = await this.definitions.endpointsOf(rows.map(({ name }) => name));
    return { featureServices: rows.map((kept) => toService(kept, endpoints.get(kept.name) ?? [])), nextPageToken };
  }

  async deleteFeatureService({ name, etag }: DeleteFeatureServiceRequest) {
    await this.definitions.deleteService(featureServiceName.parse(name).service, etag);
    return {};
  }

  async createTrainingSet({ trainingSet, requestId }: CreateTrainingSetRequest) {
    return this.#trainingSet(await this.sets.create(parseTrainingSet(trainingSet, requestId)));
  }

  async getTrainingSet({ name }: GetTrainingSetRequest) {
    return this.#trainingSet(await this.sets.get(trainingSetName.parse(name).set));
  }

  async listTrainingSets(request: ListTrainingSetsRequest) {
    const page = parsePage(request, 'ListTrainingSets');
    const { feature_service: service, state } = parseFilter(request.filter, ['feature_service', 'state']);
    const found = await this.sets.list({ subject: service === undefined ? undefined : featureServiceName.parse(service).service, state }, page);
    const { rows, nextPageToken } = toPage(found, page, ({ id }) => id);
    return { trainingSets: await Promise.all(rows.map((set) => this.#trainingSet(set))), nextPageToken };
  }

  async *watchTrainingSet({ name }: WatchTrainingSetRequest, { signal }: Call) {
    for await (const set of this.sets.watch(trainingSetName.parse(name).set, signal)) yield await this.#trainingSet(set);
  }

  async createMaterialization({ materialization, requestId }: CreateMaterializationRequest) {
    return toMaterialization(await this.materializations.create(parseMaterialization(materialization, requestId)));
  }

  async getMaterialization({ name }: GetMaterializationRequest) {
    const { materialization } = materializationName.parse(name);
    return toMaterialization(await this.materializations.get(materialization), this.materializations.progress(materialization));
  }

  async listMaterializations(request: ListMaterializationsRequest) {
    const page = parsePage(request, 'ListMaterializations');
    const { feature_view: view, state } = parseFilter(request.filter, ['feature_view', 'state']);
    const found = await this.materializations.list({ subject: view === undefined ? undefined : featureViewName.parse(view).view, state }, page);
    const { rows, nextPageToken } = toPage(found, page, ({ id }) => id);
    return { materializations: rows.map((job) => toMaterialization(job, this.materializations.progress(job.id))), nextPageToken };
  }

  async *watchMaterialization({ name }: WatchMaterializationRequest, { signal }: Call) {
    const { materialization } = materializationName.parse(name);
    for await (const job of this.materializations.watch(materialization, signal)) yield toMaterialization(job, this.materializations.progress(job.id));
  }

  async getOnlineFeatures({ featureService, keys, time, times }: GetOnlineFeaturesRequest) {
    const service = await this.definitions.resolve(featureServiceName.parse(featureService).service);
    if (times.length > 0 && times.length !== keys.length) throw errors.TIMES_MISMATCH({ keys: String(keys.length), times: String(times.length) });
    const now = Date.now();
    const answers = await this.online.read(service, keys.map((row, index) => ({ cell: (column) => keyCell(row, column), value: (column) => row.values[column]?.kind?.value, time: ((times[index] ?? time)?.getTime() ?? now) * 1000 })));
    return { features: [...service.features], vectors: answers.map(toVector) };
  }

  async explainFeatures({ featureService, keys, time }: ExplainFeaturesRequest, { signal }: Call) {
    const features = await this.explanations.explain(featureServiceName.parse(featureService).service, parseAsked(keys, time), signal);
    return { features: features.map(toExplained) };
  }

  async listSourceRows(request: ListSourceRowsRequest, { signal }: Call) {
    const { featureService, feature, datasetVersion } = request;
    const asked = parseAsked(request.keys, request.time);
    const scope = { ...request, ...asked };
    const page = parsePage(scope, 'ListSourceRows');
    const { rows, nextPageToken, datasetVersion: version, total } = await this.explanations.list(featureServiceName.parse(featureService).service, { feature, asked, datasetVersion }, page, signal);
    return { sourceRows: rows.map(toSourceRow), nextPageToken, datasetVersion: version, totalSize: total };
  }

  async checkFeatures(requests: AsyncIterable<CheckFeaturesRequest>) {
    const vectors: ServedVector[] = [];
    let first: string | undefined;
    for await (const { featureService, vectors: more } of requests) {
      first ??= featureService;
      if (featureService !== first) throw errors.CHECK_OF_TWO({ first, second: featureService });
      vectors.push(...more.map(parseVector));
      if (vectors.length > MAX_VECTORS) throw errors.TOO_MANY_VECTORS({ limit: String(MAX_VECTORS) });
    }
    const { features, datasetVersions } = await this.checks.check(featureServiceName.parse(first ?? '').service, vectors);
    const sum = (of: (feature: CheckedFeature) => number): bigint => BigInt(features.reduce((total, feature) => total + of(feature), 0));
    return {
      vectors: BigInt(vectors.length),
      values: sum(({ values }) => values),
      mismatches: sum(({ mismatches }) => mismatches),
      features: features.map(({ feature, values, mismatches, example }) => ({ feature, values: BigInt(values), mismatches: BigInt(mismatches), example })),
      datasetVersions: [...datasetVersions],
    };
  }

  async pushRows(requests: AsyncIterable<PushRowsRequest>) {
    let [rows, repeated] = [0n, 0n];
    for await (const { featureViews, table, requestId } of requests) {
      const views = await Promise.all(featureViews.map((name) => this.definitions.getHoldingView(featureViewName.parse(name).view, 'pushed into')));
      const applied = await this.online.push(views, table ?? { rows: 0, columns: [] }, requestId);
      if (applied) rows += BigInt(table?.rows ?? 0);
      else repeated += 1n;
    }
    return { rows, repeatedMessages: repeated };
  }

  async #view(kept: Kept<AnyView>) {
    const [view] = await this.#views([kept]);
    return view ?? toView(kept, { version: 1, freshness: undefined });
  }

  async #views(kept: readonly Kept<AnyView>[]) {
    const versions = await this.definitions.versionsOf(kept.map(({ body }) => body.view));
    return Promise.all(kept.map(async (each) => toView(each, { version: versions.get(each.body.view) ?? 1, freshness: isOnDemand(each.body) ? undefined : await this.freshness.of(each.body) })));
  }

  async #service(kept: Kept<FeatureService>) {
    return toService(kept, (await this.definitions.endpointsOf([kept.body.service])).get(kept.body.service) ?? []);
  }

  async #trainingSet(set: TrainingSet) {
    return toTrainingSet(set, await this.sets.origins(set), this.sets.progress(set.id));
  }
}
