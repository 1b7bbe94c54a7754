import { Inject } from '@nestjs/common';
import { parseFilter, parsePage, toPage } from '@millrace/core';
import {
  type CancelTrainingJobRequest,
  type CheckPlanRequest,
  type CreateTrainingJobRequest,
  type DescribePlanRequest,
  type GetEvaluationRequest,
  type GetTrainingJobRequest,
  type ListEvaluationsRequest,
  type ListTrainingJobsRequest,
  TrainerServiceDefinition,
  type WatchTrainingJobRequest,
} from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import { planDigest } from '@millrace/plan';
import type { Call, Handlers } from '@millrace/rpc';
import { GrpcController } from '@millrace/service';
import { toEvaluation, toShortEvaluation } from './evaluation.wire.js';
import { PlanService } from './plan.service.js';
import { toPlanDescription } from './plan.wire.js';
import { parseColumns, parseRung, parseSpec, parseSplitRule, parseSteps, toTrainingJob } from './trainer.wire.js';
import { evaluationName, trainingJobName } from './training-job.js';
import { TrainingJobService } from './training-job.service.js';
import { checkLadder, parseJson } from './training-spec.js';

@GrpcController(TrainerServiceDefinition)
export class TrainerController implements Handlers<typeof TrainerServiceDefinition> {
  constructor(
    @Inject(TrainingJobService) private readonly jobs: TrainingJobService,
    @Inject(PlanService) private readonly plans: PlanService,
  ) {}

  async createTrainingJob({ spec, requestId }: CreateTrainingJobRequest) {
    return toTrainingJob(await this.jobs.create({ spec: parseSpec(spec), requestId }));
  }

  async getTrainingJob({ name }: GetTrainingJobRequest) {
    const { job } = trainingJobName.parse(name);
    return toTrainingJob(await this.jobs.get(job), this.jobs.progress(job));
  }

  async listTrainingJobs(request: ListTrainingJobsRequest) {
    const page = parsePage(request, 'ListTrainingJobs');
    const { training_set: subject, state } = parseFilter(request.filter, ['training_set', 'state']);
    const { rows, nextPageToken } = toPage(await this.jobs.list({ subject, state }, page), page, ({ id }) => id);
    return { trainingJobs: rows.map((job) => toTrainingJob(job, this.jobs.progress(job.id))), nextPageToken };
  }

  async *watchTrainingJob({ name }: WatchTrainingJobRequest, { signal }: Call) {
    const { job } = trainingJobName.parse(name);
    for await (const state of this.jobs.watch(job, signal)) yield toTrainingJob(state, this.jobs.progress(job));
  }

  async cancelTrainingJob({ name }: CancelTrainingJobRequest) {
    const { job } = trainingJobName.parse(name);
    return toTrainingJob(await this.jobs.cancel(job), this.jobs.progress(job));
  }

  async checkPlan({ planJson, schema, knownAfterEvent, target, eventTimeColumn, rungs, gateJson, groups, split }: CheckPlanRequest) {
    const question = { plan: parseJson(planJson, 'plan_json', undefined), schema: parseColumns(schema), knownAfterEvent, target, eventTime: eventTimeColumn, groups, split: parseSplitRule(split) };
    const plan = checkLadder({ ...question, rungs: rungs.map(parseRung), gate: parseJson(gateJson, 'gate_json', {}) });
    return { planDigest: planDigest(plan), features: [...plan.features] };
  }

  async describePlan({ planJson, schema, rungStepsJson, artifact }: DescribePlanRequest) {
    if (artifact) return { plan: toPlanDescription(await this.plans.ofModel(artifact.digest)) };
    return { plan: toPlanDescription(this.plans.ofPlan(parseJson(planJson, 'plan_json', undefined), { schema: parseColumns(schema), rungSteps: parseSteps(rungStepsJson, 'rung_steps_json') })) };
  }

  async getEvaluation({ name }: GetEvaluationRequest) {
    return toEvaluation(await this.jobs.getEvaluation(evaluationName.parse(name).evaluation));
  }

  async listEvaluations(request: ListEvaluationsRequest) {
    const page = parsePage(request, 'ListEvaluations');
    const { training_job: job } = parseFilter(request.filter, ['training_job']);
    const found = await this.jobs.listEvaluations(job === undefined ? undefined : trainingJobName.parse(job).job, page);
    const { rows, nextPageToken } = toPage(found, page, ({ id }) => id);
    return { evaluations: rows.map(toShortEvaluation), nextPageToken };
  }
}
