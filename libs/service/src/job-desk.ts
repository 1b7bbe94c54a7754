import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isError } from '@millrace/core';
import type { JobHandle, JobRunner } from '@millrace/jobs';
import { currentTraceparent, withTraceparent } from '@millrace/rpc';
import type { Changes } from './changes.js';
import type { JobProgress } from './job-status.js';

/** One piece of long work that a resource stands for. */
export interface JobOrder<Argument> {
  /** The resource name that watchers know. */
  readonly name: string;
  /** The same id is the same job, also after a restart. */
  readonly id: string;
  /** Jobs of one lane run one after another. */
  readonly lane?: string;
  /** The trace that the job belongs to. */
  readonly traceparent?: string | undefined;
  /** Read when the job's turn comes. */
  readonly argument: () => Promise<Argument>;
}

/** How the jobs of one kind run, and where their ends are kept. */
export interface JobDeskOptions<Result> {
  readonly jobs: JobRunner;
  readonly changes: Changes;
  readonly entry: URL;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** Keeps that the job runs. */
  readonly onBegin: (name: string) => Promise<void>;
  /** Keeps the result; must be repeatable, because a crash may come right after it. */
  readonly onResult: (name: string, result: Result) => Promise<void>;
  /** Keeps the failure. */
  readonly onError: (name: string, error: unknown) => Promise<void>;
  /** Told when keeping itself fails; the resource stays as it was and is taken up at the next start. */
  readonly onFault: (name: string, error: unknown) => void;
}

/** The work of a resource may be done again from its beginning; so often it is, after a restart or a kill. */
const RETRIES = 2;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** Runs the jobs behind resources: orders them, tells their progress, and brings every one of them to a kept end. */
export class JobDesk<Argument, Result> {
  readonly #handles = new Map<string, JobHandle>();
  readonly #cancelled = new Map<string, string>();
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #open = new Set<Promise<void>>();
  readonly #taken = new Set<string>();

  constructor(private readonly options: JobDeskOptions<Result>) {}

  /** Takes an order, once while it is under way; returns at once. Taking it again after a restart finds the same job, running or finished. */
  take(order: JobOrder<Argument>): void {
    if (this.#taken.has(order.name)) return;
    this.#taken.add(order.name);
    this.options.jobs.expect(order.id);
    const before = order.lane === undefined ? Promise.resolve() : (this.#lanes.get(order.lane) ?? Promise.resolve());
    const work = before.then(() => withTraceparent(order.traceparent, `job ${order.name.split('/')[0]}`, () => this.#run(order))).catch((error: unknown) => this.options.onFault(order.name, error));
    if (order.lane !== undefined) this.#lanes.set(order.lane, work);
    this.#open.add(work);
    void work.finally(() => {
      this.#taken.delete(order.name);
      this.#open.delete(work);
      if (order.lane !== undefined && this.#lanes.get(order.lane) === work) this.#lanes.delete(order.lane);
    });
  }

  /** Cancels a job that waits or runs. */
  cancel(name: string, reason: string): void {
    this.#cancelled.set(name, reason);
    void this.#handles.get(name)?.cancel(reason);
  }

  /** What the job last told of itself. */
  progress(name: string): JobProgress | undefined {
    return this.options.changes.progress(name);
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) await Promise.all(this.#open);
  }

  async #run({ name, id, argument }: JobOrder<Argument>): Promise<void> {
    const { jobs, entry, memoryMb, timeoutMs, changes, onBegin, onResult, onError } = this.options;
    try {
      const traceparent = currentTraceparent();
      const handle = await jobs.start({ id, entry, argument: await argument(), memoryMb, timeoutMs, retries: RETRIES, ...(traceparent === undefined ? {} : { traceparent }) });
      this.#handles.set(name, handle);
      const reason = this.#cancelled.get(name);
      if (reason !== undefined) void handle.cancel(reason);
      await this.#keep(name, () => onBegin(name));
      changes.notify(name);
      const follow = this.#follow(name, handle);
      const outcome = await handle.result.then((value) => ({ value: value as Result }), (error: unknown) => ({ error }));
      await follow;
      if (!('error' in outcome)) await this.#keep(name, () => onResult(name, outcome.value));
      else if (isShutdown(outcome.error)) return;
      else await this.#keep(name, () => onError(name, outcome.error));
      await jobs.forget(id);
    } catch (error) {
      if (!isShutdown(error)) await this.#keep(name, () => onError(name, error));
    } finally {
      this.#handles.delete(name);
      this.#cancelled.delete(name);
      changes.forget(name);
      changes.notify(name);
    }
  }

  /** Keeps what came of a job. A full disk is no reason to lose it: it is tried again until there is room, or the store closes. */
  async #keep(name: string, save: () => Promise<void>): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return await save();
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'RESOURCE_EXHAUSTED')) throw error;
        this.options.onFault(name, error);
        await sleep(pause, undefined, { ref: false });
      }
    }
  }

  async #follow(name: string, handle: JobHandle): Promise<void> {
    for await (const { step, done, total, note } of handle.progress()) {
      this.options.changes.report(name, { step, done, total: total ?? 0, note: note ?? '', updateTime: new Date() });
    }
  }
}

/** The service ends; the next start goes on with the job. */
const isShutdown = (error: unknown): boolean => isError(error, 'jobs.millrace', 'RUNNER_CLOSED');
