import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, canonicalJson, type EventRecord, type PageRequest, uuidv7 } from '@millrace/core';
import { currentTraceparent, withTraceparent } from '@millrace/rpc';
import { type Changes, failureOf, type HeldJob, isFinal, type JobFilter, type JobProgress, type JobStore, Lookout } from '@millrace/service';
import type { Transaction } from 'kysely';
import type { Logger } from 'pino';
import { type Command, decide, type Decision, resume, type RunEvent } from './engine.js';
import { errors } from './errors.js';
import { encodeRunFinished, encodeRunStarted } from './pipelines.events.js';
import { type PipelineVersion, stepsOf } from './pipeline.js';
import { newRun, type PipelineRun, pipelineRunName, refuseFinal, type RunDraft } from './pipeline-run.js';
import type { PipelineStore } from './pipeline.store.js';
import type { StepLogService } from './step-log.service.js';
import type { Services, StepContext } from './steps/step.js';
import { STEPS } from './steps/steps.js';

const RETRY_MS = 1_000;
/** Between two tries of a step at most. */
const LONGEST_WAIT_MS = 20_000;
/** How long a run waits at most between two tries to keep what it became. */
const LONGEST_PAUSE_MS = 5_000;
/** Runs that one look takes on their way. */
const MAX_TAKEN = 1_000;
/** Part of every cache key: raised when a step makes something else of the same inputs. */
const CODE_VERSION = 1;

/** A run that this instance drives. */
interface Active {
  readonly id: string;
  run: PipelineRun;
  turn: Promise<void>;
  readonly stop: AbortController;
  readonly held: HeldJob<PipelineRun>;
}

/** Carries out what the engine decides: each run is driven by one instance, and changes in one turn after another. */
export class RunService {
  readonly #active = new Map<string, Active>();
  readonly #open = new Set<Promise<void>>();
  readonly #lookout: Lookout;
  #closing = false;

  constructor(
    private readonly store: JobStore<PipelineRun>,
    private readonly pipelines: PipelineStore,
    private readonly services: Services,
    private readonly logs: Pick<StepLogService, 'say' | 'ended'>,
    private readonly changes: Changes,
    private readonly log: Logger,
    private readonly clock: () => Date,
  ) {
    this.#lookout = new Lookout({ store, look: () => this.#look(), onError: (error) => this.log.warn({ err: error }, 'runs could not be looked for; they are looked for again') });
  }

  /** Starts a run; a repeated request gives the run that it started. */
  async create(version: PipelineVersion, draft: Omit<RunDraft, 'traceparent'>): Promise<PipelineRun> {
    const run = await this.createWithin(undefined, version, draft);
    this.drive();
    return run;
  }

  /** Keeps a new run together with what else a transaction changes; `drive` sets it on its way. */
  createWithin(tx: Transaction<never> | undefined, version: PipelineVersion, draft: Omit<RunDraft, 'traceparent'>): Promise<PipelineRun> {
    return this.store.create(newRun(uuidv7(), version, { draft: { ...draft, traceparent: currentTraceparent() ?? '' }, steps: stepsOf(version.file), now: this.clock() }), tx);
  }

  /** Takes on their way what runs nobody drives. */
  drive(): void {
    this.#lookout.kick();
  }

  async get(id: string): Promise<PipelineRun> {
    const active = this.#active.get(id);
    const found = active ? active.run : await this.store.find(id);
    if (!found) throw errors.PIPELINE_RUN_NOT_FOUND({ name: pipelineRunName.format({ run: id }) });
    return { ...found, steps: found.steps.map((step) => withProgress(step, this.changes.progress(pipelineRunName.format({ run: id }), step.id))) };
  }

  list(filter: JobFilter, page: PageRequest, tx?: Transaction<never>): Promise<readonly PipelineRun[]> {
    return this.store.list(filter, page, tx);
  }

  watch(id: string, signal: AbortSignal): AsyncIterable<PipelineRun> {
    return this.changes.watch(pipelineRunName.format({ run: id }), () => this.get(id), { final: ({ status }) => isFinal(status), signal });
  }

  async cancel(id: string): Promise<PipelineRun> {
    refuseFinal(await this.get(id));
    await this.store.requestCancel(id, 'cancelled by the caller');
    const active = this.#active.get(id);
    if (active) await this.#happen(active, { kind: 'CANCEL_REQUESTED' });
    this.#lookout.kick();
    this.#lookout.offer();
    return this.get(id);
  }

  /** Runs of a pipeline that have not ended. */
  running(pipeline: string, tx?: Transaction<never>): Promise<readonly PipelineRun[]> {
    return this.store.unfinished({ subject: pipeline }, tx);
  }

  /** Takes up what the last process left unfinished, and looks for what others leave. */
  async resume(): Promise<void> {
    this.#lookout.start();
    await this.#lookout.idle();
  }

  /** Lets go of what runs, for another instance or the next process to take up. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#lookout.close();
    for (const { stop } of this.#active.values()) stop.abort();
    while (this.#open.size > 0) await Promise.all(this.#open);
    for (const { held } of this.#active.values()) await held.leave();
  }

  async #look(): Promise<void> {
    for (const { id } of await this.store.cancelled()) {
      const active = this.#active.get(id);
      if (active && !active.run.cancelRequested) await this.#happen(active, { kind: 'CANCEL_REQUESTED' });
    }
    for (const id of await this.store.free({ limit: MAX_TAKEN, except: [...this.#active.keys()] })) await this.#take(id);
  }

  /** Takes a run on its way, from where it stands. */
  async #take(id: string): Promise<void> {
    const held = await this.store.hold(id);
    if (!held) return;
    const active: Active = { id, run: held.resource, turn: Promise.resolve(), stop: new AbortController(), held };
    this.#active.set(id, active);
    held.lost.addEventListener('abort', () => this.#lose(active));
    this.#track(this.#inTurn(active, (run) => resume(run, this.clock())));
    if (held.cancelReason !== undefined) this.#track(this.#happen(active, { kind: 'CANCEL_REQUESTED' }));
  }

  /** Another instance may drive it from now on. The jobs of its steps go on: whoever drives it finds them by their request ids. */
  #lose(active: Active): void {
    this.log.warn({ run: active.id }, 'the lease of a run was lost; another instance may drive it');
    active.stop.abort();
    if (this.#active.get(active.id) === active) this.#active.delete(active.id);
    this.#track(active.held.leave());
  }

  #happen(active: Active, event: RunEvent): Promise<void> {
    return this.#inTurn(active, (run) => decide(run, event, this.clock()));
  }

  /** One change after another, each kept before what follows from it is done. */
  #inTurn(active: Active, change: (run: PipelineRun) => Decision): Promise<void> {
    const turn = active.turn.then(async () => {
      if (this.#active.get(active.id) !== active) return;
      const before = active.run;
      const { run, commands } = change(before);
      await this.#save(active, run, eventsOf(before, run));
      active.run = run;
      this.changes.notify(pipelineRunName.format({ run: active.id }));
      for (const command of commands) this.#obey(active, command);
    });
    active.turn = turn.catch(() => undefined);
    return turn;
  }

  /** A database that is away is no reason to stand still for ever: it is tried again until it is back or the lease is lost. */
  async #save({ held }: Active, run: PipelineRun, events: readonly EventRecord[]): Promise<void> {
    for (let pause = RETRY_MS / 4; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return await this.store.save(run, events);
      } catch (error) {
        if (held.lost.aborted || this.#closing || !(error instanceof AppError && error.retryable)) throw error;
        this.log.warn({ err: error, run: run.id }, 'what a run became could not be kept; it is tried again');
        await sleep(pause, undefined, { signal: held.lost, ref: false }).catch(() => undefined);
      }
    }
  }

  #obey(active: Active, command: Command): void {
    switch (command.kind) {
      case 'START_STEP':
        return this.#track(this.#runStep(active, command));
      case 'CANCEL_STEPS':
        return active.stop.abort(CANCELLED());
      case 'FINISH':
        this.#active.delete(active.id);
        this.changes.notify(pipelineRunName.format({ run: active.id }));
        this.logs.ended(active.id);
        return this.#track(active.held.done());
    }
  }

  #track(work: Promise<void>): void {
    const kept = work.catch((error: unknown) => {
      if (!this.#closing) this.log.error({ err: error }, 'a pipeline run could not be taken further');
    });
    this.#open.add(kept);
    void kept.finally(() => this.#open.delete(kept));
  }

  /** Whether this instance has let go of a run, which somebody else then takes from where it stood. */
  #isLeft({ held }: Active): boolean {
    return this.#closing || held.lost.aborted;
  }

  async #runStep(active: Active, { step: stepId, attempt }: { readonly step: string; readonly attempt: number }): Promise<void> {
    // Each further try waits a little longer.
    if (attempt > 1) await sleep(Math.min(RETRY_MS * 2 ** (attempt - 2), LONGEST_WAIT_MS), undefined, { signal: active.stop.signal }).catch(() => undefined);
    const { traceparent } = active.run;
    const event = await withTraceparent(traceparent === '' ? undefined : traceparent, `step ${stepId}`, () => this.#stepEvent(active, stepId));
    // While the process ends, the step stays RUNNING: whoever takes the run goes on with the same request id.
    if (this.#isLeft(active) || !event) return;
    if (event.kind === 'STEP_FAILED') await this.#tellFailure(active, { ...event, attempt });
    await this.#happen(active, event);
  }

  /** Says in the log of the step why it failed; the run itself keeps only how the last attempt ended. */
  async #tellFailure({ id }: Active, { step, error, retry, attempt }: Extract<RunEvent, { kind: 'STEP_FAILED' }> & { readonly attempt: number }): Promise<void> {
    const text = `attempt ${attempt} failed${retry ? ' for a reason that may pass' : ''}: ${failureOf(error).message}`;
    // What becomes of the run matters more than the words about it.
    await this.logs.say(id, step, text).catch((cause: unknown) => this.log.warn({ err: cause, run: id, step }, 'why a step failed could not be kept in its log'));
  }

  async #stepEvent(active: Active, stepId: string): Promise<RunEvent | undefined> {
    const { id, run, stop } = active;
    const step = run.steps.find((candidate) => candidate.id === stepId);
    if (!step) return undefined;
    try {
      const version = await this.pipelines.findVersion(run.pipeline, run.version);
      if (!version) throw errors.PIPELINE_VERSION_NOT_FOUND({ name: `pipelines/${run.pipeline}/versions/${run.version}` });
      const context: StepContext = {
        run,
        step,
        version,
        services: this.services,
        requestId: `${run.id}-${step.id}`,
        signal: stop.signal,
        progress: (told) => this.changes.report(pipelineRunName.format({ run: id }), told, stepId),
      };
      const { cacheInput, execute } = STEPS[step.kind];
      const input = await cacheInput?.(context);
      const cacheKey = input === undefined ? '' : digestOf({ code: CODE_VERSION, kind: step.kind, input });
      await this.#happen(active, { kind: 'STEP_STARTED', step: stepId, cacheKey });
      const known = cacheKey === '' || run.fresh ? undefined : await this.pipelines.findOutputs(run.pipeline, cacheKey);
      if (known) return { kind: 'STEP_SUCCEEDED', step: stepId, outputs: known, cached: true };
      // Between two calls somebody may have stopped the run: what has an effect must not begin any more.
      stop.signal.throwIfAborted();
      const { outputs, outcome } = await execute(context);
      // A refusal is not remembered: it stands for the gate of that day as much as for the inputs.
      if (cacheKey !== '' && outcome === undefined) await this.pipelines.keepOutputs(run.pipeline, cacheKey, outputs);
      return { kind: 'STEP_SUCCEEDED', step: stepId, outputs, cached: false, ...(outcome ? { outcome } : {}) };
    } catch (error) {
      const cancelled = stop.signal.aborted && !this.#isLeft(active);
      const failure = cancelled ? CANCELLED() : error;
      if (cancelled && !(error instanceof AppError && error.code === 'CANCELLED')) this.log.warn({ err: error, run: id, step: stepId }, 'a step of a cancelled run did not end as it was asked to');
      if (!(failure instanceof AppError) && !this.#isLeft(active)) this.log.error({ err: error, run: id, step: stepId }, 'a step failed for a reason of ours');
      return { kind: 'STEP_FAILED', step: stepId, error: failure, retry: failure instanceof AppError && mayPass(failure) };
    }
  }
}

const CANCELLED = (): AppError => new AppError('CANCELLED', 'pipelines.millrace', 'PIPELINE_RUN_CANCELLED', 'The run was cancelled.');

/** A service that is away, too slow, or that others were quicker to change something at, is asked again: with the same request id it does nothing twice. */
const mayPass = ({ retryable, code }: AppError): boolean => retryable || code === 'DEADLINE_EXCEEDED' || code === 'ABORTED';

const withProgress = (step: PipelineRun['steps'][number], progress: JobProgress | undefined) => (progress && step.state === 'RUNNING' ? { ...step, progress } : step);

const digestOf = (value: unknown): string => `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`;

function eventsOf(before: PipelineRun, after: PipelineRun): readonly EventRecord[] {
  if (before.status.state === 'PENDING' && after.status.state === 'RUNNING') return [encodeRunStarted(after)];
  return !isFinal(before.status) && isFinal(after.status) ? [encodeRunFinished(after)] : [];
}
