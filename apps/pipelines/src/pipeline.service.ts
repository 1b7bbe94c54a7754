import type { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import type { PlanDescription } from '@millrace/contracts/millrace/type/v1/plan';
import type { Schema } from '@millrace/contracts/millrace/type/v1/schema';
import { canonicalJson, type PageRequest } from '@millrace/core';
import type { Client } from '@millrace/rpc';
import type { Transaction } from 'kysely';
import { errors } from './errors.js';
import { checkLeaks } from './file/check-leaks.js';
import { COLUMN_TYPE } from './file/contract-message.js';
import { foreseenSet } from './file/file-schema.js';
import { parseFile } from './file/parse-file.js';
import { rungMessages } from './file/rung-messages.js';
import type { PipelineFile } from './file/pipeline-file.js';
import { splitRuleMessage } from './file/split-messages.js';
import { changesBetween, type Pipeline, pipelineName, type PipelineVersion, pipelineVersionName } from './pipeline.js';
import type { PipelineStore } from './pipeline.store.js';
import { pipelineRunName } from './pipeline-run.js';
import type { RunService } from './run.service.js';

/** What an applied file changed. */
export interface Applied {
  readonly version: PipelineVersion;
  readonly changed: boolean;
  readonly changes: readonly string[];
}

/** Loads, asks and saves pipelines. */
export class PipelineService {
  constructor(
    private readonly store: PipelineStore,
    private readonly runs: Pick<RunService, 'running' | 'cancel'>,
    private readonly trainer: Client<typeof TrainerServiceDefinition>,
    /** Told after a version or a pause was saved. */
    private readonly onChange: (pipeline: string) => Promise<void>,
    private readonly clock: () => Date,
  ) {}

  /** Checks a file and makes a version of it; a file or a plan that leaks is refused here, before anything runs, and so is one over a pipeline that is not as its etag says. */
  async apply({ source, basePath, dryRun, etag = '' }: { readonly source: string; readonly basePath: string; readonly dryRun: boolean; readonly etag?: string }): Promise<Applied> {
    const { file, digest } = parseFile(source);
    checkLeaks(file);
    await this.#checkPlan(file);
    const pipeline = await this.store.find(file.pipeline);
    checkEtag(pipeline ?? { pipeline: file.pipeline, revision: 0 }, etag);
    const latest = pipeline && (await this.store.findVersion(pipeline.pipeline, pipeline.latestVersion));
    const isBack = pipeline?.deletion !== undefined;
    if (!isBack && latest?.digest === digest && latest.basePath === basePath) return { version: latest, changed: false, changes: [] };
    const now = this.clock();
    const version: PipelineVersion = { pipeline: file.pipeline, version: (pipeline?.latestVersion ?? 0) + 1, source, digest, file, basePath, createTime: now };
    const moved = latest && latest.basePath !== basePath ? [`relative paths are read from ${basePath === '' ? 'the allowed roots' : basePath}`] : [];
    const changes = [...(isBack ? ['the pipeline was deleted, and is back'] : []), ...changesBetween(latest?.file, file), ...moved];
    if (dryRun) return { version, changed: true, changes };
    const base = pipeline ?? { pipeline: file.pipeline, latestVersion: 0, createTime: now, revision: 0, paused: false };
    await this.store.saveVersion({ ...base, deletion: undefined, description: file.description, latestVersion: version.version, revision: base.revision + 1 }, version);
    await this.onChange(file.pipeline);
    return { version, changed: true, changes };
  }

  /** The plan of a file as a graph, with the steps of a rung where one is named; throws COLUMNS_UNKNOWN where the contract leaves its columns to the data. */
  async describePlan(file: PipelineFile, rung: string): Promise<PlanDescription | undefined> {
    const chosen = rungMessages(file).find(({ name }) => name === rung);
    if (rung !== '' && !chosen) throw errors.RUNG_UNKNOWN({ rung, rungs: file.ladder.map(({ name }) => name).join(', ') });
    const schema = schemaOf(file);
    if (!schema) throw errors.COLUMNS_UNKNOWN({ source: file.training.spine });
    return (await this.trainer.describePlan({ planJson: canonicalJson(file.plan), schema, rungStepsJson: chosen?.stepsJson ?? '' })).plan;
  }

  /** Also one that was deleted. */
  async get(pipeline: string): Promise<Pipeline> {
    const found = await this.store.find(pipeline);
    if (!found) throw errors.PIPELINE_NOT_FOUND({ name: pipelineName.format({ pipeline }) });
    return found;
  }

  list(filter: { readonly deleted: boolean }, page: PageRequest): Promise<readonly Pipeline[]> {
    return this.store.list(filter, page);
  }

  /** `latest` names the newest version. */
  async getVersion(pipeline: string, version: string): Promise<PipelineVersion> {
    const { latestVersion } = await this.get(pipeline);
    const number = version === 'latest' ? latestVersion : /^[1-9]\d{0,8}$/.test(version) ? Number(version) : 0;
    const found = await this.store.findVersion(pipeline, number);
    if (!found) throw errors.PIPELINE_VERSION_NOT_FOUND({ name: pipelineVersionName.format({ pipeline, version }) });
    return found;
  }

  async listVersions(pipeline: string, page: PageRequest): Promise<readonly PipelineVersion[]> {
    await this.get(pipeline);
    return this.store.listVersions(pipeline, page);
  }

  /** Pauses or resumes the triggers. */
  async pause(pipeline: string, { paused, etag }: { readonly paused: boolean; readonly etag: string }): Promise<Pipeline> {
    const found = refuseDeleted(await this.get(pipeline));
    checkEtag(found, etag);
    if (found.paused === paused) return found;
    const next = { ...found, paused, revision: found.revision + 1 };
    await this.store.save(next);
    await this.onChange(pipeline);
    return next;
  }

  /** Deletes a pipeline that has no run under way, or cancels what is with `force`; the same request again gives what it gave. */
  async delete(pipeline: string, { etag, requestId, force }: { readonly etag: string; readonly requestId: string; readonly force: boolean }): Promise<Pipeline> {
    const found = await this.get(pipeline);
    if (found.deletion && requestId !== '' && found.deletion.requestId === requestId) return found;
    refuseDeleted(found);
    checkEtag(found, etag);
    const next: Pipeline = { ...found, revision: found.revision + 1, deletion: { time: this.clock(), requestId } };
    await this.store.save(next, async (tx) => {
      const running = force ? [] : await this.runs.running(pipeline, tx as unknown as Transaction<never>);
      if (running.length > 0) throw errors.PIPELINE_RUNNING({ name: pipelineName.format({ pipeline }), runs: running.map(({ id }) => pipelineRunName.format({ run: id })).join(', ') });
    });
    await this.onChange(pipeline);
    for (const { id } of await this.runs.running(pipeline)) await this.runs.cancel(id);
    return next;
  }

  /** A version that may be run: of a pipeline that was deleted there is none. */
  async getRunnable(pipeline: string, version: string): Promise<PipelineVersion> {
    refuseDeleted(await this.get(pipeline));
    return this.getVersion(pipeline, version);
  }

  /** Asks the trainer whether plan, rungs and gate are sound, as far as the file says what the columns will be. */
  async #checkPlan(file: PipelineFile): Promise<void> {
    const foreseen = foreseenSet(file);
    const schema = schemaOf(file);
    if (!foreseen || !schema) return;
    await this.trainer.checkPlan({ planJson: canonicalJson(file.plan), schema, knownAfterEvent: [...foreseen.knownAfterEvent], target: file.training.target, eventTimeColumn: foreseen.eventTime, rungs: rungMessages(file), gateJson: canonicalJson(file.gate), groups: file.training.groups ?? [], split: splitRuleMessage(file.training.split) });
  }
}

function refuseDeleted(found: Pipeline): Pipeline {
  if (found.deletion) throw errors.PIPELINE_DELETED({ name: pipelineName.format(found), time: found.deletion.time.toISOString() });
  return found;
}

function checkEtag(found: Pick<Pipeline, 'pipeline' | 'revision'>, etag: string): void {
  if (etag !== '' && etag !== String(found.revision)) throw errors.PIPELINE_CHANGED({ name: pipelineName.format(found) });
}

/** The columns of the training set of a file; undefined where the file does not say them. */
const schemaOf = (file: PipelineFile): Schema | undefined => {
  const columns = foreseenSet(file)?.columns.map(({ name, type, nullable }) => ({ name, type: COLUMN_TYPE[type], nullable }));
  return columns && { columns };
};
