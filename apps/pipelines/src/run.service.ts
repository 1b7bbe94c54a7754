import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, canonicalJson, type EventRecord, type PageRequest, uuidv7 } from '@millrace/core';
import { currentTraceparent, withTraceparent } from '@millrace/rpc';
import { type Changes, isFinal, type JobFilter, type JobProgress, type JobStore } from '@millrace/service';
import type { Logger } from 'pino';
import { type Command, decide, type Decision, resume, type RunEvent } from './engine.js';
import { errors } from './errors.js';
import { encodeRunFinished, encodeRunStarted } from './pipelines.events.js';
import { type PipelineVersion, stepsOf } from './pipeline.js';
import { newRun, type PipelineRun, pipelineRunName, refuseFinal, type RunDraft } from './pipeline-run.js';
import type { PipelineStore } from './pipeline.store.js';
import type { Services, StepContext } from './steps/step.js';
import { STEPS } from './steps/steps.js';

/** Told when a run has ended and is kept. */
export type OnFinished = (run: PipelineRun) => Promise<void>;

const RETRY_MS = 1_000;
/** Part of every cache key: raised when a step makes something else of the same inputs. */
const CODE_VERSION = 1;

/** Carries out what the engine decides: one run at a time changes in one turn after another. */
export class RunService {
  readonly #active = new Map<string, { run: PipelineRun; turn: Promise<void>; readonly stop: AbortController }>();
  readonly #open = new Set<Promise<void>>();
  #closing = false;
  onFinished: OnFinished = async () => undefined;

  constructor(
    private readonly store: JobStore<PipelineRun>,
    private readonly pipelines: PipelineStore,
    private readonly services: Services,
    private readonly changes: Changes,
    private readonly log: Logger,
    private readonly clock: () => Date,
  ) {}

  /** Starts a run; a repeated request gives the run that it started. */
  async create(version: PipelineVersion, draft: Omit<RunDraft, 'traceparent'>): Promise<PipelineRun> {
    const wanted = newRun(uuidv7(), version, { draft: { ...draft, traceparent: currentTraceparent() ?? '' }, steps: stepsOf(version.file), now: this.clock() });
    const run = await this.store.create(wanted);
    if (run.id === wanted.id) this.#drive(run, (now) => decide(run, { kind: 'BEGUN' }, now));
    return run;
  }

  async get(id: string): Promise<PipelineRun> {
    const active = this.#active.get(id);
    const found = active ? active.run : await this.store.find(id);
    if (!found) throw errors.PIPELINE_RUN_NOT_FOUND({ name: pipelineRunName.format({ run: id }) });
    return { ...found, steps: found.steps.map((step) => withProgress(step, this.changes.progress(pipelineRunName.format({ run: id }), step.id))) };
  }

  list(filter: JobFilter, page: PageRequest): Promise<readonly PipelineRun[]> {
    return this.store.list(filter, page);
  }

  watch(id: string, signal: AbortSignal): AsyncIterable<PipelineRun> {
    return this.changes.watch(pipelineRunName.format({ run: id }), () => this.get(id), { final: ({ status }) => isFinal(status), signal });
  }

  async cancel(id: string): Promise<PipelineRun> {
    refuseFinal(await this.get(id));
    await this.#happen(id, { kind: 'CANCEL_REQUESTED' });
    return this.get(id);
  }

  /** Runs of a pipeline that have not ended. */
  async running(pipeline: string): Promise<readonly PipelineRun[]> {
    return (await this.store.unfinished()).filter((run) => run.pipeline === pipeline);
  }

  /** Takes up what the last process left unfinished. */
  async resume(): Promise<void> {
    for (const run of await this.store.unfinished()) this.#drive(run, (now) => resume(run, now));
  }

  /** Lets go of what runs, for the next process to take up. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const { stop } of this.#active.values()) stop.abort();
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  /** Takes a run on its way, once: calls are served before `resume` has looked, so both may find the same run. */
  #drive(run: PipelineRun, first: (now: Date) => Decision): void {
    if (this.#active.has(run.id)) return;
    this.#active.set(run.id, { run, turn: Promise.resolve(), stop: new AbortController() });
    this.#track(this.#inTurn(run.id, () => first(this.clock())));
  }

  #happen(id: string, event: RunEvent): Promise<void> {
    return this.#inTurn(id, (run) => decide(run, event, this.clock()));
  }

  /** One change after another, each kept before what follows from it is done. */
  #inTurn(id: string, change: (run: PipelineRun) => Decision): Promise<void> {
    const active = this.#active.get(id);
    if (!active) return Promise.resolve();
    const turn = active.turn.then(async () => {
      const before = active.run;
      const { run, commands } = change(before);
      await this.store.save(run, eventsOf(before, run));
      active.run = run;
      this.changes.notify(pipelineRunName.format({ run: id }));
      for (const command of commands) this.#obey(id, command);
    });
    active.turn = turn.catch(() => undefined);
    return turn;
  }

  #obey(id: string, command: Command): void {
    const active = this.#active.get(id);
    if (!active) return;
    switch (command.kind) {
      case 'START_STEP':
        return this.#track(this.#runStep(id, command));
      case 'CANCEL_STEPS':
        return active.stop.abort(CANCELLED());
      case 'FINISH': {
        this.#active.delete(id);
        this.changes.notify(pipelineRunName.format({ run: id }));
        return this.#track(this.onFinished(active.run));
      }
    }
  }

  #track(work: Promise<void>): void {
    const kept = work.catch((error: unknown) => {
      if (!this.#closing) this.log.error({ err: error }, 'a pipeline run could not be taken further');
    });
    this.#open.add(kept);
    void kept.finally(() => this.#open.delete(kept));
  }

  async #runStep(id: string, { step: stepId, attempt }: { readonly step: string; readonly attempt: number }): Promise<void> {
    const active = this.#active.get(id);
    if (!active) return;
    // Each further try waits a little longer.
    if (attempt > 1) await sleep(RETRY_MS * 2 ** (attempt - 2), undefined, { signal: active.stop.signal }).catch(() => undefined);
    const { traceparent } = active.run;
    const event = await withTraceparent(traceparent === '' ? undefined : traceparent, `step ${stepId}`, () => this.#stepEvent(id, stepId));
    // While the process ends, the step stays RUNNING: the next process goes on with the same request id.
    if (this.#closing || !event) return;
    await this.#happen(id, event);
  }

  async #stepEvent(id: string, stepId: string): Promise<RunEvent | undefined> {
    const active = this.#active.get(id);
    const step = active?.run.steps.find((candidate) => candidate.id === stepId);
    if (!active || !step) return undefined;
    const { run, stop } = active;
    try {
      const version = await this.pipelines.findVersion(run.pipeline, run.version);
      if (!version) throw errors.PIPELINE_VERSION_NOT_FOUND({ name: `pipelines/${run.pipeline}/versions/${run.version}` });
      const context: StepContext = {
        run,
        step,
        version,
        services: this.services,
        requestId: `${run.id}-${step.id}-${step.attempt}`,
        signal: stop.signal,
        progress: (told) => this.changes.report(pipelineRunName.format({ run: id }), told, stepId),
      };
      const { cacheInput, execute } = STEPS[step.kind];
      const input = await cacheInput?.(context);
      const cacheKey = input === undefined ? '' : digestOf({ code: CODE_VERSION, kind: step.kind, input });
      await this.#happen(id, { kind: 'STEP_STARTED', step: stepId, cacheKey });
      const known = cacheKey === '' || run.fresh ? undefined : await this.pipelines.findOutputs(run.pipeline, cacheKey);
      if (known) return { kind: 'STEP_SUCCEEDED', step: stepId, outputs: known, cached: true };
      // Between two calls somebody may have stopped the run: what has an effect must not begin any more.
      stop.signal.throwIfAborted();
      const { outputs, outcome } = await execute(context);
      // A refusal is not remembered: it stands for the gate of that day as much as for the inputs.
      if (cacheKey !== '' && outcome === undefined) await this.pipelines.keepOutputs(run.pipeline, cacheKey, outputs);
      return { kind: 'STEP_SUCCEEDED', step: stepId, outputs, cached: false, ...(outcome ? { outcome } : {}) };
    } catch (error) {
      const cancelled = stop.signal.aborted && !this.#closing;
      const failure = cancelled ? CANCELLED() : error;
      if (cancelled && !(error instanceof AppError && error.code === 'CANCELLED')) this.log.warn({ err: error, run: id, step: stepId }, 'a step of a cancelled run did not end as it was asked to');
      if (!(failure instanceof AppError)) this.log.error({ err: error, run: id, step: stepId }, 'a step failed for a reason of ours');
      return { kind: 'STEP_FAILED', step: stepId, error: failure, retry: failure instanceof AppError && failure.retryable };
    }
  }
}

const CANCELLED = (): AppError => new AppError('CANCELLED', 'pipelines.millrace', 'PIPELINE_RUN_CANCELLED', 'The run was cancelled.');

const withProgress = (step: PipelineRun['steps'][number], progress: JobProgress | undefined) => (progress && step.state === 'RUNNING' ? { ...step, progress } : step);

const digestOf = (value: unknown): string => `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`;

function eventsOf(before: PipelineRun, after: PipelineRun): readonly EventRecord[] {
  if (before.status.state === 'PENDING' && after.status.state === 'RUNNING') return [encodeRunStarted(after)];
  return !isFinal(before.status) && isFinal(after.status) ? [encodeRunFinished(after)] : [];
}
