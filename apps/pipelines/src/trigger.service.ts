import type { IngestionServiceDefinition } from '@millrace/contracts/millrace/ingestion/v1/ingestion_service';
import { AppError, type PageRequest, uuidv7 } from '@millrace/core';
import type { Client } from '@millrace/rpc';
import type { Transaction } from 'kysely';
import type { Logger } from 'pino';
import type { FiringStore } from './firing.store.js';
import type { PipelineFile } from './file/pipeline-file.js';
import type { PipelineVersion } from './pipeline.js';
import type { PipelineStore } from './pipeline.store.js';
import { type Cause, outputsOf, type PipelineRun } from './pipeline-run.js';
import type { RunService } from './run.service.js';
import type { ScheduleClock } from './schedule-clock.js';
import type { ScheduleStore } from './schedule.store.js';
import { type Firing, judge, type Situation, type Trigger, triggersOf } from './trigger.js';

/** What an event says to the triggers: which files care, and why. */
export interface Signal {
  readonly cause: Cause;
  readonly concerns: (file: PipelineFile) => boolean;
}

const MAX_RUNS_LOOKED_AT = 50;
/** How often what is held is asked about again without anything new: an instance may have died between a firing and its guards. */
const LOOK_MS = 30_000;

/** Fires triggers, asks their guards, and starts runs; what is held is asked again when the world has changed. */
export class TriggerService {
  #looking: NodeJS.Timeout | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly firings: FiringStore,
    private readonly schedules: ScheduleStore,
    private readonly scheduleClock: ScheduleClock,
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
  async examineHeld(): Promise<void> {
    try {
      for (const pipeline of await this.firings.pipelinesHeld()) await this.examine(pipeline);
    } catch (error) {
      this.log.error({ err: error }, 'what is held could not be read; it is read again soon');
    }
  }

  async list(pipeline: string): Promise<readonly { readonly trigger: Trigger; readonly next: Date | undefined }[]> {
    const version = (await this.#latestVersions()).find((candidate) => candidate.pipeline === pipeline);
    const next = new Map((await this.schedules.of(pipeline)).map(({ trigger, nextTime }) => [trigger, nextTime]));
    return version ? triggersOf(version.file).map((trigger) => ({ trigger, next: next.get(trigger.id) })) : [];
  }

  listFirings(filter: { readonly pipeline?: string | undefined; readonly decision?: string | undefined }, page: PageRequest): Promise<readonly Firing[]> {
    return this.firings.list(filter, page);
  }

  /** Sets the clocks of a pipeline anew. */
  async schedule(pipeline: string): Promise<void> {
    const found = await this.pipelines.find(pipeline);
    const version = found && !found.paused && !found.deletion ? await this.pipelines.findVersion(pipeline, found.latestVersion) : undefined;
    const triggers = version ? triggersOf(version.file).filter(({ kind }) => kind === 'SCHEDULE') : [];
    await this.scheduleClock.set(pipeline, triggers.map(({ id, cron }) => ({ trigger: id, cron })));
  }

  async start(): Promise<void> {
    for (const { pipeline } of await this.pipelines.all()) await this.schedule(pipeline);
    await this.scheduleClock.start(async (due, { next, missed }) => {
      const { trigger, pipeline, nextTime } = due;
      if (missed) this.log.warn({ trigger, time: nextTime }, 'a schedule did not fire: no instance was up at its time, and that is too long ago');
      const firing = missed ? undefined : this.#firing({ id: trigger, pipeline }, { kind: 'SCHEDULE', resource: trigger, eventTime: undefined }, nextTime);
      if (await this.firings.addScheduled(due, { next, firing })) void this.examine(pipeline);
    });
    this.#looking = setInterval(() => void this.examineHeld(), LOOK_MS).unref();
    void this.examineHeld();
  }

  async close(): Promise<void> {
    clearInterval(this.#looking);
    await this.scheduleClock.close();
    await this.#last;
  }

  /** The guards are asked, and what they let start is kept, in one transaction: two instances that ask at once do not both start a run. */
  async #examine(pipeline: string): Promise<void> {
    for (const firing of await this.firings.held(pipeline)) {
      const found = await this.pipelines.find(pipeline);
      const version = found && (await this.pipelines.findVersion(pipeline, found.latestVersion));
      const trigger = version && triggersOf(version.file).find(({ id }) => id === firing.trigger);
      if (!found || found.deletion || !version || !trigger) {
        const why = found?.deletion ? 'the pipeline was deleted' : 'the file does not have the trigger any more';
        await this.firings.settle(firing.id, async (held) => ({ ...held, decision: 'DROPPED', why, updateTime: this.clock() }));
        continue;
      }
      const data = await this.#data(version.file);
      await this.firings.settle(firing.id, async (held, transaction) => {
        const tx = transaction as unknown as Transaction<never>;
        const requestId = `firing-${held.id}`;
        const recent = await this.runs.list({ subject: pipeline }, { size: MAX_RUNS_LOOKED_AT, after: undefined }, tx);
        const before = recent.find((run) => run.requestId === requestId);
        const running = await this.runs.running(pipeline, tx);
        const situation: Situation = { paused: found.paused, running: running.length, lastTraining: trainingOf(recent), data };
        const verdict = before ? { decision: 'STARTED' as const, why: 'the guards let it start' } : judge(held.cause, trigger.guards, situation);
        if (verdict.decision === held.decision && verdict.why === held.why) return held;
        const run = verdict.decision === 'STARTED' ? (before ?? (await this.runs.createWithin(tx, version, { cause: held.cause, fresh: false, requestId }))).id : '';
        return { ...held, ...verdict, pipelineRun: run, updateTime: this.clock() };
      });
      this.runs.drive();
    }
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

  #firing({ id, pipeline }: Pick<Trigger, 'id' | 'pipeline'>, cause: Cause, dueTime?: Date): Firing {
    const now = this.clock();
    return { id: uuidv7(), trigger: id, pipeline, cause, decision: 'HELD', why: 'the guards are being asked', pipelineRun: '', createTime: now, updateTime: now, dueTime };
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
