import { Inject } from '@nestjs/common';
import { parsePage, toPage } from '@millrace/core';
import {
  type CertifyModelVersionRequest,
  type CreateExperimentRequest,
  type CreateModelRequest,
  type CreateModelVersionRequest,
  type CreateRunRequest,
  type FinishRunRequest,
  type GetAliasRequest,
  type GetExperimentRequest,
  type GetMetricCurveRequest,
  type GetModelRequest,
  type GetModelVersionRequest,
  type GetRunRequest,
  type ListAliasesRequest,
  type ListExperimentsRequest,
  type ListMetricPointsRequest,
  type ListModelsRequest,
  type ListModelVersionsRequest,
  type ListRunColumnsRequest,
  type ListRunsRequest,
  type LogRunRequest,
  type MoveAliasRequest,
  RegistryServiceDefinition,
  type RollBackAliasRequest,
  type WatchMetricPointsRequest,
} from '@millrace/contracts/millrace/registry/v1/registry_service';
import { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import type { Call, Handlers } from '@millrace/rpc';
import { GrpcController } from '@millrace/service';
import { ExperimentService } from './experiment.service.js';
import { ModelService } from './model.service.js';
import { aliasName, experimentName, modelName, modelVersionName, runName } from './names.js';
import { parseCurve } from './metric-curve.js';
import { parseColumn } from './run-column.js';
import { parseRunFilter, parseRunOrder } from './run-filter.js';
import { columnKey } from './run-search.store.js';
import { parseArtifact, parsePoint, parsePosition, parseRunState, parseSkip, toAlias, toCurve, toExperiment, toModel, toModelVersion, toPoint, toRun, toRunColumn, toSlimRun } from './registry.wire.js';

@GrpcController(RegistryServiceDefinition)
export class RegistryController implements Handlers<typeof RegistryServiceDefinition> {
  constructor(
    @Inject(ExperimentService) private readonly experiments: ExperimentService,
    @Inject(ModelService) private readonly models: ModelService,
  ) {}

  async createExperiment({ experiment }: CreateExperimentRequest) {
    return toExperiment(await this.experiments.create(experimentName.parse(experiment?.name ?? '').experiment, experiment?.description ?? ''));
  }

  async getExperiment({ name }: GetExperimentRequest) {
    return toExperiment(await this.experiments.get(experimentName.parse(name).experiment));
  }

  async listExperiments(request: ListExperimentsRequest) {
    const page = parsePage(request, 'ListExperiments');
    const { rows, nextPageToken } = toPage(await this.experiments.list(page), page, ({ experiment }) => experiment);
    return { experiments: rows.map(toExperiment), nextPageToken };
  }

  async createRun({ parent, run, requestId }: CreateRunRequest) {
    const draft = { displayName: run?.displayName ?? '', params: run?.params ?? {}, tags: run?.tags ?? {}, origin: run?.origin ?? '', startTime: run?.startTime };
    return toRun(await this.experiments.createRun(experimentName.parse(parent).experiment, draft, requestId));
  }

  async getRun({ name }: GetRunRequest) {
    const { experiment, run } = runName.parse(name);
    return toRun(await this.experiments.getRun(experiment, run));
  }

  async listRuns(request: ListRunsRequest) {
    const { skip, columns: named, ...asked } = request;
    const { parent, filter, orderBy } = asked;
    // Which columns are sent, and how many runs are passed over, is no matter of the pages.
    const page = parsePage(asked, 'ListRuns');
    const columns = named.map(parseColumn);
    const question = { conditions: parseRunFilter(filter), order: parseRunOrder(orderBy), page, skip: parseSkip(skip) };
    const { found, total } = await this.experiments.listRuns(experimentName.parse(parent).experiment, question);
    const { rows, nextPageToken } = toPage(found, page, ({ key }) => key);
    return { runs: rows.map(({ run }) => (columns.length === 0 ? toRun(run) : toSlimRun(run, columns))), nextPageToken, totalSize: total };
  }

  async listRunColumns(request: ListRunColumnsRequest) {
    const page = parsePage(request, 'ListRunColumns');
    const found = await this.experiments.listColumns(experimentName.parse(request.parent).experiment, page);
    const { rows, nextPageToken } = toPage(found, page, columnKey);
    return { runColumns: rows.map(toRunColumn), nextPageToken };
  }

  async logRun({ name, metrics, params, tags, artifacts, requestId }: LogRunRequest) {
    const { experiment, run } = runName.parse(name);
    const now = new Date();
    return toRun(await this.experiments.log(experiment, run, { log: { metrics: metrics.map((point) => parsePoint(point, now)), params, tags, artifacts: artifacts.map(parseArtifact) }, requestId }));
  }

  async finishRun({ name, state }: FinishRunRequest) {
    const { experiment, run } = runName.parse(name);
    return toRun(await this.experiments.finish(experiment, run, parseRunState(state)));
  }

  async listMetricPoints(request: ListMetricPointsRequest) {
    const page = parsePage(request, 'ListMetricPoints');
    const { experiment, run } = runName.parse(request.parent);
    const found = await this.experiments.listPoints(experiment, run, { key: request.key, page });
    const { rows, nextPageToken } = toPage(found, page, ({ step, seq }) => `${step} ${seq}`);
    return { metricPoints: rows.map(toPoint), nextPageToken };
  }

  async getMetricCurve({ parent, ...asked }: GetMetricCurveRequest) {
    const { experiment, run } = runName.parse(parent);
    return toCurve(await this.experiments.curve(experiment, run, parseCurve(asked)));
  }

  async *watchMetricPoints({ parent, key, after }: WatchMetricPointsRequest, { signal }: Call) {
    const { experiment, run } = runName.parse(parent);
    for await (const { seq, ...point } of this.experiments.watchPoints(experiment, run, { key, after: parsePosition(after), signal })) yield { metricPoint: toPoint(point), position: String(seq) };
  }

  async createModel({ model }: CreateModelRequest) {
    return toModel(await this.models.create(modelName.parse(model?.name ?? '').model, model?.description ?? ''));
  }

  async getModel({ name }: GetModelRequest) {
    return toModel(await this.models.get(modelName.parse(name).model));
  }

  async listModels(request: ListModelsRequest) {
    const page = parsePage(request, 'ListModels');
    const { rows, nextPageToken } = toPage(await this.models.list(page), page, ({ model }) => model);
    return { models: rows.map(toModel), nextPageToken };
  }

  async createModelVersion({ parent, modelVersion, requestId }: CreateModelVersionRequest) {
    return toModelVersion(await this.models.register(modelName.parse(parent).model, modelVersion ?? ModelVersion.fromPartial({}), requestId));
  }

  async getModelVersion({ name }: GetModelVersionRequest) {
    if (name.includes('/aliases/')) {
      const { model, alias } = aliasName.parse(name);
      return toModelVersion(await this.models.getAliasedVersion(model, alias));
    }
    const { model, version } = modelVersionName.parse(name);
    return toModelVersion(await this.models.getVersion(model, version));
  }

  async listModelVersions(request: ListModelVersionsRequest) {
    const page = parsePage(request, 'ListModelVersions');
    const found = await this.models.listVersions(modelName.parse(request.parent).model, page);
    const { rows, nextPageToken } = toPage(found, page, ({ version }) => String(version.version));
    return { modelVersions: rows.map(toModelVersion), nextPageToken };
  }

  async certifyModelVersion({ name, certificate, etag }: CertifyModelVersionRequest) {
    const { model, version } = modelVersionName.parse(name);
    return toModelVersion(await this.models.certify(model, version, { certificate, etag }));
  }

  async moveAlias({ name, modelVersion, reason, etag }: MoveAliasRequest) {
    const { model, alias } = aliasName.parse(name);
    return toAlias(await this.models.moveAlias(model, alias, { version: modelVersion, reason, etag }));
  }

  async rollBackAlias({ name, reason, etag }: RollBackAliasRequest) {
    const { model, alias } = aliasName.parse(name);
    return toAlias(await this.models.rollBackAlias(model, alias, { reason, etag }));
  }

  async getAlias({ name }: GetAliasRequest) {
    const { model, alias } = aliasName.parse(name);
    return toAlias(await this.models.getAlias(model, alias));
  }

  async listAliases(request: ListAliasesRequest) {
    const page = parsePage(request, 'ListAliases');
    const found = await this.models.listAliases(modelName.parse(request.parent).model, page);
    const { rows, nextPageToken } = toPage(found, page, ({ alias }) => alias);
    return { aliases: rows.map(toAlias), nextPageToken };
  }
}
