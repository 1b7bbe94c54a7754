import type { TrainerServiceDefinition } from '@millrace/contracts/millrace/trainer/v1/trainer_service';
import type { PlanDescription } from '@millrace/contracts/millrace/type/v1/plan';
import type { Schema } from '@millrace/contracts/millrace/type/v1/schema';
import { canonicalJson, type PageRequest } from '@millrace/core';
import type { Client } from '@millrace/rpc';
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
    private readonly trainer: Client<typeof TrainerServiceDefinition>,
    /** Told after a version or a pause was saved. */
    private readonly onChange: (pipeline: string) => Promise<void>,
    private readonly clock: () => Date,
  ) {}

  /** Checks a file and makes a version of it; a file or a plan that leaks is refused here, before anything runs. */
  async apply({ source, basePath, dryRun }: { readonly source: string; readonly basePath: string; readonly dryRun: boolean }): Promise<Applied> {
    const { file, digest } = parseFile(source);
    checkLeaks(file);
    await this.#checkPlan(file);
    const pipeline = await this.store.find(file.pipeline);
    const latest = pipeline && (await this.store.findVersion(pipeline.pipeline, pipeline.latestVersion));
    if (latest?.digest === digest && latest.basePath === basePath) return { version: latest, changed: false, changes: [] };
    const now = this.clock();
    const version: PipelineVersion = { pipeline: file.pipeline, version: (pipeline?.latestVersion ?? 0) + 1, source, digest, file, basePath, createTime: now };
    const moved = latest && latest.basePath !== basePath ? [`relative paths are read from ${basePath === '' ? 'the allowed roots' : basePath}`] : [];
    const changes = [...changesBetween(latest?.file, file), ...moved];
    if (dryRun) return { version, changed: true, changes };
    const base = pipeline ?? { pipeline: file.pipeline, latestVersion: 0, createTime: now, revision: 0, paused: false };
    await this.store.saveVersion({ ...base, latestVersion: version.version, revision: base.revision + 1 }, version);
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

  async get(pipeline: string): Promise<Pipeline> {
    const found = await this.store.find(pipeline);
    if (!found) throw errors.PIPELINE_NOT_FOUND({ name: pipelineName.format({ pipeline }) });
    return found;
  }

  list(page: PageRequest): Promise<readonly Pipeline[]> {
    return this.store.list(page);
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
    const found = await this.get(pipeline);
    if (etag !== '' && etag !== String(found.revision)) throw errors.PIPELINE_CHANGED({ name: pipelineName.format({ pipeline }) });
    if (found.paused === paused) return found;
    const next = { ...found, paused, revision: found.revision + 1 };
    await this.store.save(next);
    await this.onChange(pipeline);
    return next;
  }

  /** Asks the trainer whether plan, rungs and gate are sound, as far as the file says what the columns will be. */
  async #checkPlan(file: PipelineFile): Promise<void> {
    const foreseen = foreseenSet(file);
    const schema = schemaOf(file);
    if (!foreseen || !schema) return;
    await this.trainer.checkPlan({ planJson: canonicalJson(file.plan), schema, knownAfterEvent: [...foreseen.knownAfterEvent], target: file.training.target, eventTimeColumn: foreseen.eventTime, rungs: rungMessages(file), gateJson: canonicalJson(file.gate), groups: file.training.groups ?? [], split: splitRuleMessage(file.training.split) });
  }
}

/** The columns of the training set of a file; undefined where the file does not say them. */
const schemaOf = (file: PipelineFile): Schema | undefined => {
  const columns = foreseenSet(file)?.columns.map(({ name, type, nullable }) => ({ name, type: COLUMN_TYPE[type], nullable }));
  return columns && { columns };
};
