import type { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { AppError, type PageRequest, uuidv7 } from '@millrace/core';
import type { Client } from '@millrace/rpc';
import { Cron } from 'croner';
import type { Logger } from 'pino';
import type { FiringStore } from './firing.store.js';
import type { PipelineFile } from './file/pipeline-file.js';
import type { PipelineVersion } from './pipeline.js';
import type { PipelineStore } from './pipeline.store.js';
import { type Cause, outputsOf, type PipelineRun } from './pipeline-run.js';
import type { RunService } from './run.service.js';
import { type Firing, judge, type Situation, type Trigger, triggersOf } from './trigger.js';

/** What an event says to the triggers: which files care, and why. */
export interface Signal {
  readonly cause: Cause;
  readonly concerns: (file: PipelineFile) => boolean;
}

const MAX_RUNS_LOOKED_AT = 50;

/** Fires triggers, asks their guards, and starts runs; what is held is asked again when the world has changed. */
export class TriggerService {
  readonly #crons = new Map<string, Cron>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly firings: FiringStore,
    private readonly pipelines: PipelineStore,
    private readonly runs: RunService,
    private readonly ingestion: Client<typeof IngestionServiceDefinition>,
    private readonly log: Logger,
    private readonly clock: () => Date,
  ) {}

  /** Fires every trigger that an event concerns; the same event fires once. */
  async fire(eventId: string, { cause, concerns }: Signal): Promise<void> {
    const firings: Firing[] = [];
    for (const version of await this.#latestVersions()) {
      if (!concerns(version.file)) continue;
      for (const trigger of triggersOf(version.file)) if (trigger.kind === cause.kind) firings.push(this.#firing(trigger, cause));
    }
    if (firings.length > 0) await this.firings.addOnce(eventId, firings);
    for (const pipeline of new Set(firings.map((firing) => firing.pipeline))) {
      try {
        await this.#inTurn(pipeline);
      } catch (error) {
        // What may pass is left to the bus, which brings the event again.
        if (error instanceof AppError && error.retryable) throw error;
        this.#tell(pipeline, error);
      }
    }
  }

  /** Asks the guards again for everything that is held. */
  examine(pipeline: string): Promise<void> {
    return this.#inTurn(pipeline).catch((error: unknown) => this.#tell(pipeline, error));
  }

  #inTurn(pipeline: string): Promise<void> {
    const turn = this.#last.then(() => this.#examine(pipeline));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  #tell(pipeline: string, error: unknown): void {
    this.log.error({ err: error, pipeline }, 'the guards of a pipeline could not be asked; they are asked again at the next event');
  }

  /** Asks again wherever something is held, as after new data. */
  async examineAll(): Promise<void> {
    for (const { pipeline } of await this.pipelines.all()) await this.examine(pipeline);
  }

  async list(pipeline: string): Promise<readonly { readonly trigger: Trigger; readonly next: Date | undefined }[]> {
    const version = (await this.#latestVersions()).find((candidate) => candidate.pipeline === pipeline);
    return version ? triggersOf(version.file).map((trigger) => ({ trigger, next: this.#crons.get(trigger.id)?.nextRun() ?? undefined })) : [];
  }

  listFirings(filter: { readonly pipeline?: string | undefined; readonly decision?: string | undefined }, page: PageRequest): Promise<readonly Firing[]> {
    return this.firings.list(filter, page);
  }

  /** Sets the clocks of a pipeline anew. */
  async schedule(pipeline: string): Promise<void> {
    for (const [id, cron] of this.#crons) {
      if (!id.startsWith(`${pipeline}.`)) continue;
      cron.stop();
      this.#crons.delete(id);
    }
    const found = await this.pipelines.find(pipeline);
    if (!found || found.paused) return;
    const version = await this.pipelines.findVersion(pipeline, found.latestVersion);
    for (const trigger of version ? triggersOf(version.file) : []) {
      if (trigger.kind !== 'SCHEDULE') continue;
      const cron = new Cron(trigger.cron, { timezone: 'UTC', unref: true, catch: (error) => this.log.error({ err: error, trigger: trigger.id }, 'a schedule could not fire') }, async (self: Cron) => {
        const at = self.currentRun() ?? this.clock();
        await this.firings.addOnce(`${trigger.id}@${at.toISOString().slice(0, 19)}`, [this.#firing(trigger, { kind: 'SCHEDULE', resource: trigger.id, eventTime: undefined })]);
        await this.examine(pipeline);
      });
      this.#crons.set(trigger.id, cron);
    }
  }

  async start(): Promise<void> {
    for (const { pipeline } of await this.pipelines.all()) await this.schedule(pipeline);
    void this.examineAll();
  }

  async close(): Promise<void> {
    for (const cron of this.#crons.values()) cron.stop();
    await this.#last;
  }

  async #examine(pipeline: string): Promise<void> {
    for (const firing of await this.firings.held(pipeline)) {
      const found = await this.pipelines.find(pipeline);
      const version = found && (await this.pipelines.findVersion(pipeline, found.latestVersion));
      const trigger = version && triggersOf(version.file).find(({ id }) => id === firing.trigger);
      if (!found || !version || !trigger) {
        await this.firings.save({ ...firing, decision: 'DROPPED', why: 'the file does not have the trigger any more', updateTime: this.clock() });
        continue;
      }
      const requestId = `firing-${firing.id}`;
      const recent = await this.runs.list({ subject: pipeline }, { size: MAX_RUNS_LOOKED_AT, after: undefined });
      // A crash may have come between the run and the firing that started it.
      const before = recent.find((run) => run.requestId === requestId);
      const verdict = before ? { decision: 'STARTED' as const, why: 'the guards let it start' } : judge(firing.cause, trigger.guards, await this.#situation(version, { paused: found.paused, recent }));
      if (verdict.decision === firing.decision && verdict.why === firing.why) continue;
      const run = verdict.decision === 'STARTED' ? (before ?? (await this.runs.create(version, { cause: firing.cause, fresh: false, requestId }))).id : '';
      await this.firings.save({ ...firing, ...verdict, pipelineRun: run, updateTime: this.clock() });
    }
  }

  async #situation({ pipeline, file }: PipelineVersion, { paused, recent }: { readonly paused: boolean; readonly recent: readonly PipelineRun[] }): Promise<Situation> {
    const running = await this.runs.running(pipeline);
    return { paused, running: running.length, lastTraining: trainingOf(recent), data: await this.#data(file) };
  }

  async #data({ training }: PipelineFile): Promise<Situation['data']> {
    try {
      const { name, rows, eventTimeMax } = await this.ingestion.getDatasetVersion({ name: `datasets/${training.spine}/versions/latest` });
      return { version: name, rows: Number(rows), eventTimeMax: eventTimeMax?.getTime() ?? 0 };
    } catch (error) {
      if (error instanceof AppError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    }
  }

  async #latestVersions(): Promise<readonly PipelineVersion[]> {
    const versions = await Promise.all((await this.pipelines.all()).map(({ pipeline, latestVersion }) => this.pipelines.findVersion(pipeline, latestVersion)));
    return versions.filter((version) => version !== undefined);
  }

  #firing({ id, pipeline }: Trigger, cause: Cause): Firing {
    const now = this.clock();
    return { id: uuidv7(), trigger: id, pipeline, cause, decision: 'HELD', why: 'the guards are being asked', pipelineRun: '', createTime: now, updateTime: now };
  }
}

/** The newest run that trained on data, whatever the gate said. */
function trainingOf(runs: readonly PipelineRun[]): Situation['lastTraining'] {
  for (const run of runs) {
    const { training_job: job } = outputsOf(run, 'train');
    const { data_end: end, dataset_rows: rows, dataset_version: datasetVersion = '' } = outputsOf(run, 'training_set');
    if (job !== undefined) return { dataEnd: Number(end), rows: Number(rows), datasetVersion };
  }
  return undefined;
}
