import { Inject } from '@nestjs/common';
import { parseFilter, parsePage, toPage } from '@millrace/core';
import {
  type CancelIngestionRunRequest,
  type CompareDatasetVersionsRequest,
  type CreateDatasetRequest,
  type CreateIngestionRunRequest,
  type GetDatasetRequest,
  type GetDatasetVersionRequest,
  type GetIngestionRunRequest,
  type InferContractRequest,
  IngestionServiceDefinition,
  type InspectSourceRequest,
  type ListDatasetsRequest,
  type ListDatasetVersionsRequest,
  type ListDuplicateRowsRequest,
  type ListIngestionRunsRequest,
  type ListLedgerEntriesRequest,
  type ListQuarantinedRowsRequest,
  type PushRowsJsonRequest,
  type PushRowsRequest,
  type WatchIngestionRunRequest,
} from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import type { Call, Handlers } from '@millrace/rpc';
import { GrpcController, toJsonBody } from '@millrace/service';
import { contractMessage, parseContract } from './contract.wire.js';
import { datasetName, datasetVersionName } from './dataset.js';
import { DatasetService } from './dataset.service.js';
import { parseMode, parseSource, toCounts, toDataset, toDuplicateRow, toLedgerEntry, toQuarantinedRow, toRun, toVersion } from './ingestion.wire.js';
import { ingestionRunName } from './ingestion-run.js';
import { IngestionRunService } from './ingestion-run.service.js';
import { InspectionService } from './inspection.service.js';
import { pushJson } from './pushing/push.http.js';
import { PushService } from './pushing/push.service.js';
import { toComparison, toCorrelations, toProfile } from './profile.wire.js';
import { compareVersions } from './profiling/compare-versions.js';
import { SetAsideService } from './set-aside.service.js';

@GrpcController(IngestionServiceDefinition)
export class IngestionController implements Handlers<typeof IngestionServiceDefinition> {
  constructor(
    @Inject(DatasetService) private readonly datasets: DatasetService,
    @Inject(IngestionRunService) private readonly runs: IngestionRunService,
    @Inject(InspectionService) private readonly inspection: InspectionService,
    @Inject(PushService) private readonly pushes: PushService,
    @Inject(SetAsideService) private readonly setAside: SetAsideService,
  ) {}

  async createDataset({ dataset, requestId }: CreateDatasetRequest) {
    return toDataset(await this.datasets.create({ dataset: datasetName.parse(dataset?.name ?? '').dataset, description: dataset?.description ?? '' }, requestId));
  }

  async getDataset({ name }: GetDatasetRequest) {
    return toDataset(await this.datasets.get(datasetName.parse(name).dataset));
  }

  async listDatasets(request: ListDatasetsRequest) {
    const page = parsePage(request, 'ListDatasets');
    const { name } = parseFilter(request.filter, ['name']);
    const found = await this.datasets.list(name === undefined ? undefined : datasetName.parse(name).dataset, page);
    const { rows, nextPageToken } = toPage(found, page, ({ dataset }) => dataset);
    return { datasets: rows.map(toDataset), nextPageToken };
  }

  async getDatasetVersion({ name }: GetDatasetVersionRequest) {
    const { dataset, version } = datasetVersionName.parse(name);
    return toVersion(await this.datasets.getVersion(dataset, version));
  }

  async listDatasetVersions(request: ListDatasetVersionsRequest) {
    const page = parsePage(request, 'ListDatasetVersions');
    const found = await this.datasets.listVersions(datasetName.parse(request.parent).dataset, page);
    const { rows, nextPageToken } = toPage(found, page, ({ version }) => String(version));
    return { datasetVersions: rows.map(toVersion), nextPageToken };
  }

  async compareDatasetVersions({ name, other }: CompareDatasetVersionsRequest) {
    const [from, to] = [datasetVersionName.parse(name), datasetVersionName.parse(other)];
    const [before, after] = await Promise.all([this.datasets.getVersion(from.dataset, from.version), this.datasets.getVersion(to.dataset, to.version)]);
    return toComparison(before, after, compareVersions(before, after));
  }

  async listQuarantinedRows(request: ListQuarantinedRowsRequest, { signal }: Call) {
    const { dataset, version } = datasetVersionName.parse(request.parent);
    const { rows, nextPageToken } = await this.setAside.quarantined(await this.datasets.getVersion(dataset, version), parsePage(request, 'ListQuarantinedRows'), signal);
    return { quarantinedRows: rows.map(toQuarantinedRow), nextPageToken };
  }

  async listDuplicateRows(request: ListDuplicateRowsRequest, { signal }: Call) {
    const { dataset, version } = datasetVersionName.parse(request.parent);
    const { rows, nextPageToken } = await this.setAside.duplicates(await this.datasets.getVersion(dataset, version), parsePage(request, 'ListDuplicateRows'), signal);
    return { duplicateRows: rows.map(toDuplicateRow), nextPageToken };
  }

  async listLedgerEntries(request: ListLedgerEntriesRequest, { signal }: Call) {
    const { dataset, version } = datasetVersionName.parse(request.parent);
    const { rows, nextPageToken } = await this.setAside.ledger(await this.datasets.getVersion(dataset, version), parsePage(request, 'ListLedgerEntries'), signal);
    return { ledgerEntries: rows.map(toLedgerEntry), nextPageToken };
  }

  async createIngestionRun({ ingestionRun, requestId }: CreateIngestionRunRequest) {
    const draft = {
      dataset: datasetName.parse(ingestionRun?.dataset ?? '').dataset,
      source: parseSource(ingestionRun?.source),
      contract: parseContract(ingestionRun?.contract),
      mode: ingestionRun ? parseMode(ingestionRun.mode) : ('APPEND' as const),
      requestId,
    };
    return toRun(await this.runs.create(draft));
  }

  async pushRows({ dataset, rows, requestId }: PushRowsRequest) {
    const { rows: kept, known, pending } = await this.pushes.push(datasetName.parse(dataset).dataset, { key: requestId, bytes: rows });
    return { rows: BigInt(kept), known, pendingRows: BigInt(pending) };
  }

  async pushRowsJson({ dataset, body, requestId, flush }: PushRowsJsonRequest) {
    return { body: toJsonBody(await pushJson({ pushes: this.pushes, runs: this.runs }, dataset, { bytes: body, key: requestId, flush })) };
  }

  async getIngestionRun({ name }: GetIngestionRunRequest) {
    const { run } = ingestionRunName.parse(name);
    return toRun(await this.runs.get(run), this.runs.progress(run));
  }

  async listIngestionRuns(request: ListIngestionRunsRequest) {
    const page = parsePage(request, 'ListIngestionRuns');
    const { dataset, state } = parseFilter(request.filter, ['dataset', 'state']);
    const found = await this.runs.list({ subject: dataset === undefined ? undefined : datasetName.parse(dataset).dataset, state }, page);
    const { rows, nextPageToken } = toPage(found, page, ({ id }) => id);
    return { ingestionRuns: rows.map((run) => toRun(run, this.runs.progress(run.id))), nextPageToken };
  }

  async *watchIngestionRun({ name }: WatchIngestionRunRequest, { signal }: Call) {
    const { run } = ingestionRunName.parse(name);
    for await (const state of this.runs.watch(run, signal)) yield toRun(state, this.runs.progress(run));
  }

  async cancelIngestionRun({ name }: CancelIngestionRunRequest) {
    const { run } = ingestionRunName.parse(name);
    return toRun(await this.runs.cancel(run), this.runs.progress(run));
  }

  async inspectSource({ source, contract }: InspectSourceRequest, { signal }: Call) {
    const result = await this.inspection.inspect(parseSource(source), { contract: parseContract(contract), signal });
    return {
      inferred: contractMessage(result.contract),
      counts: toCounts(result.counts),
      profile: result.profile.columns.map(toProfile),
      correlations: toCorrelations(result.profile.coMoments),
      expectations: result.expectations.map(({ name, met, broken, observed }) => ({ name, met, broken: BigInt(broken), observed })),
    };
  }

  async inferContract({ source }: InferContractRequest, { signal }: Call) {
    const { contract, remarks, counts } = await this.inspection.infer(parseSource(source), { signal });
    return { contract: contractMessage(contract), remarks: [...remarks], counts: toCounts(counts) };
  }
}
