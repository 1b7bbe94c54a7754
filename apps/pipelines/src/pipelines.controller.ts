import { Inject } from '@nestjs/common';
import { parseFilter, parsePage, toPage } from '@millrace/core';
import {
  type ApplyPipelineRequest,
  type CancelPipelineRunRequest,
  type CreatePipelineRunRequest,
  type DeletePipelineRequest,
  type DescribePipelinePlanRequest,
  type GetLineageRequest,
  type GetPipelineRequest,
  type GetPipelineRunRequest,
  type GetPipelineVersionRequest,
  type ListFiringsRequest,
  type ListPipelineRunsRequest,
  type ListPipelinesRequest,
  type ListPipelineVersionsRequest,
  type ListStepLogLinesRequest,
  type ListTriggersRequest,
  type PausePipelineRequest,
  PipelinesServiceDefinition,
  type WatchPipelineRunRequest,
  type WatchStepLogLinesRequest,
} from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import type { Call, Handlers } from '@millrace/rpc';
import { GrpcController } from '@millrace/service';
import { fileJsonSchema } from './file/file-json-schema.js';
import { parseFile } from './file/parse-file.js';
import { LineageService } from './lineage.js';
import { pipelineName, pipelineVersionName } from './pipeline.js';
import { PipelineService } from './pipeline.service.js';
import { pipelineRunName } from './pipeline-run.js';
import { parsePosition, toFiring, toPipeline, toRun, toStepLogLine, toTrigger, toVersion } from './pipelines.wire.js';
import { RunService } from './run.service.js';
import { StepLogService } from './step-log.service.js';
import { TriggerService } from './trigger.service.js';

@GrpcController(PipelinesServiceDefinition)
export class PipelinesController implements Handlers<typeof PipelinesServiceDefinition> {
  constructor(
    @Inject(PipelineService) private readonly pipelines: PipelineService,
    @Inject(RunService) private readonly runs: RunService,
    @Inject(StepLogService) private readonly logs: StepLogService,
    @Inject(TriggerService) private readonly triggers: TriggerService,
    @Inject(LineageService) private readonly lineage: LineageService,
  ) {}

  async applyPipeline({ source, basePath, dryRun, etag }: ApplyPipelineRequest) {
    const { version, changed, changes } = await this.pipelines.apply({ source, basePath, dryRun, etag });
    return { pipelineVersion: toVersion(version), changed, changes: [...changes] };
  }

  async getPipelineFileSchema() {
    return { jsonSchema: JSON.stringify(fileJsonSchema()) };
  }

  async describePipelinePlan({ source, name, rung }: DescribePipelinePlanRequest) {
    const { pipeline, version } = source === '' ? pipelineVersionName.parse(name) : { pipeline: '', version: '' };
    const file = source === '' ? (await this.pipelines.getVersion(pipeline, version)).file : parseFile(source).file;
    return { plan: await this.pipelines.describePlan(file, rung), rungs: file.ladder.map((each) => each.name) };
  }

  async getPipeline({ name }: GetPipelineRequest) {
    return toPipeline(await this.pipelines.get(pipelineName.parse(name).pipeline));
  }

  async listPipelines(request: ListPipelinesRequest) {
    const page = parsePage(request, 'ListPipelines');
    const { rows, nextPageToken } = toPage(await this.pipelines.list({ deleted: request.showDeleted }, page), page, ({ pipeline }) => pipeline);
    return { pipelines: rows.map(toPipeline), nextPageToken };
  }

  async getPipelineVersion({ name }: GetPipelineVersionRequest) {
    const { pipeline, version } = pipelineVersionName.parse(name);
    return toVersion(await this.pipelines.getVersion(pipeline, version));
  }

  async listPipelineVersions(request: ListPipelineVersionsRequest) {
    const page = parsePage(request, 'ListPipelineVersions');
    const found = await this.pipelines.listVersions(pipelineName.parse(request.parent).pipeline, page);
    const { rows, nextPageToken } = toPage(found, page, ({ version }) => String(version));
    return { pipelineVersions: rows.map(toVersion), nextPageToken };
  }

  async pausePipeline({ name, paused, etag }: PausePipelineRequest) {
    return toPipeline(await this.pipelines.pause(pipelineName.parse(name).pipeline, { paused, etag }));
  }

  async deletePipeline({ name, etag, requestId, force }: DeletePipelineRequest) {
    return toPipeline(await this.pipelines.delete(pipelineName.parse(name).pipeline, { etag, requestId, force }));
  }

  async createPipelineRun({ pipeline: name, requestId, eventTime, fresh }: CreatePipelineRunRequest) {
    const { pipeline, version } = name.includes('/versions/') ? pipelineVersionName.parse(name) : { ...pipelineName.parse(name), version: 'latest' };
    const found = await this.pipelines.getRunnable(pipeline, version);
    return toRun(await this.runs.create(found, { cause: { kind: 'MANUAL', resource: '', eventTime: eventTime?.getTime() }, fresh, requestId }));
  }

  async getPipelineRun({ name }: GetPipelineRunRequest) {
    return toRun(await this.runs.get(pipelineRunName.parse(name).run));
  }

  async listPipelineRuns(request: ListPipelineRunsRequest) {
    const page = parsePage(request, 'ListPipelineRuns');
    const { pipeline, state } = parseFilter(request.filter, ['pipeline', 'state']);
    const found = await this.runs.list({ subject: pipeline === undefined ? undefined : pipelineName.parse(pipeline).pipeline, state }, page);
    const { rows, nextPageToken } = toPage(found, page, ({ id }) => id);
    return { pipelineRuns: rows.map(toRun), nextPageToken };
  }

  async *watchPipelineRun({ name }: WatchPipelineRunRequest, { signal }: Call) {
    for await (const run of this.runs.watch(pipelineRunName.parse(name).run, signal)) yield toRun(run);
  }

  async listStepLogLines(request: ListStepLogLinesRequest) {
    const page = parsePage(request, 'ListStepLogLines');
    const { rows, nextPageToken } = toPage(await this.logs.list(pipelineRunName.parse(request.parent).run, request.step, page), page, ({ position }) => String(position));
    return { stepLogLines: rows.map(toStepLogLine), nextPageToken };
  }

  async *watchStepLogLines({ parent, step, after }: WatchStepLogLinesRequest, { signal }: Call) {
    for await (const line of this.logs.watch(pipelineRunName.parse(parent).run, { step, after: parsePosition(after), signal })) yield toStepLogLine(line);
  }

  async cancelPipelineRun({ name }: CancelPipelineRunRequest) {
    return toRun(await this.runs.cancel(pipelineRunName.parse(name).run));
  }

  async listTriggers(request: ListTriggersRequest) {
    const page = parsePage(request, 'ListTriggers');
    const { pipeline } = await this.pipelines.get(pipelineName.parse(request.parent).pipeline);
    const found = (await this.triggers.list(pipeline)).filter(({ trigger: { id } }) => page.after === undefined || id > page.after).sort((a, b) => (a.trigger.id < b.trigger.id ? -1 : 1));
    const { rows, nextPageToken } = toPage(found.slice(0, page.size + 1), page, ({ trigger }) => trigger.id);
    return { triggers: rows.map(({ trigger, next }) => toTrigger(trigger, next)), nextPageToken };
  }

  async listFirings(request: ListFiringsRequest) {
    const page = parsePage(request, 'ListFirings');
    const { pipeline, decision } = parseFilter(request.filter, ['pipeline', 'decision']);
    const found = await this.triggers.listFirings({ pipeline: pipeline === undefined ? undefined : pipelineName.parse(pipeline).pipeline, decision }, page);
    const { rows, nextPageToken } = toPage(found, page, ({ id }) => id);
    return { firings: rows.map(toFiring), nextPageToken };
  }

  async getLineage({ name }: GetLineageRequest) {
    return { lineage: await this.lineage.of(name) };
  }
}
