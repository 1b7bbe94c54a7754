import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isError } from '@millrace/core';
import { jobAbandoned, jobCancelled, type JobHandle, type JobRunner, type LogPart } from '@millrace/jobs';
import { currentTraceparent, withTraceparent } from '@millrace/rpc';
import { STORE_DOMAIN } from '@millrace/store';
import type { Changes } from './changes.js';
import type { JobProgress } from './job-status.js';
import type { HeldJob, JobResource, JobStore } from './job-store.js';
import { Lookout } from './lookout.js';
import { patiently } from './patiently.js';

/** What the job behind a resource is called and given. */
export interface JobOrder<Argument> {
  /** The resource name that watchers know. */
  readonly name: string;
  /** Read when the job's turn comes. */
  readonly argument: () => Promise<Argument>;
}

/** How the jobs of one kind run, and where their ends are kept. */
export interface JobDeskOptions<Resource extends JobResource, Argument, Result> {
  readonly jobs: JobRunner;
  readonly store: JobStore<Resource>;
  readonly changes: Changes;
  readonly entry: URL;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly order: (resource: Resource) => JobOrder<Argument>;
  /** Keeps that the job runs. */
  readonly onBegin: (name: string) => Promise<void>;
  /** Keeps the result; must be repeatable, because a crash may come right after it. */
  readonly onResult: (name: string, result: Result) => Promise<void>;
  /** Keeps the failure. */
  readonly onError: (name: string, error: unknown) => Promise<void>;
  /** Hands on what the job says; a part comes again where this fails in a way that may pass, or the process dies over it. */
  readonly onLog: (resource: Resource, part: LogPart) => Promise<void>;
  /** Told when keeping itself fails, and when another instance has the job; the resource stays as it was and is taken up by whoever comes next. */
  readonly onFault: (name: string, error: unknown) => void;
}

/** The work of a resource may be done again from its beginning; so often it is, after a restart or a kill. */
const RETRIES = 2;
/** So often a job is taken over from an instance that died or fell silent over it; then it is given up, for it may be what kills them. */
export const MAX_TAKEOVERS = 5;
/** What the last process had under way is taken up together; it never had more. */
const MAX_KNOWN = 10_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

interface Taken {
  handle: JobHandle | undefined;
  cancelReason: string | undefined;
}

/**
 * Runs the jobs behind resources, tells their progress, and brings every one of them to a kept end. Where several instances share the store,
 * whoever has room takes the next one, and what an instance leaves behind is taken over by another.
 */
export class JobDesk<Resource extends JobResource, Argument, Result> {
  readonly #taken = new Map<string, Taken>();
  /** What could not be kept here: the next start, or another instance, may be luckier. */
  readonly #faulty = new Set<string>();
  readonly #open = new Set<Promise<void>>();
  readonly #lookout: Lookout;
  #stopListening: () => void = () => undefined;
  /** Taken, but not yet counted by the runner. */
  #starting = 0;

  constructor(private readonly options: JobDeskOptions<Resource, Argument, Result>) {
    const { store, onFault } = options;
    this.#lookout = new Lookout({ store, look: () => this.#look(), onError: (error) => onFault(store.kind, error) });
  }

  /** Takes up what this instance had under way, running or finished, and begins to look for more. */
  async start(): Promise<void> {
    const { jobs, store } = this.options;
    for (const id of await store.free({ limit: MAX_KNOWN })) if (jobs.knows(id)) await this.#take(id);
    this.#stopListening = jobs.onEnd(() => this.#lookout.kick());
    this.#lookout.start();
  }

  /** Says that a resource was created. */
  created(): void {
    this.#lookout.kick();
    // Without room here it is for the others.
    if (this.#room <= 0) this.#lookout.offer();
  }

  /** Ends a job that waits or runs, in whichever instance. */
  async cancel(id: string, reason: string): Promise<void> {
    await this.options.store.requestCancel(id, reason);
    this.#lookout.kick();
    this.#lookout.offer();
  }

  /** What the job last told of itself. */
  progress(name: string): JobProgress | undefined {
    return this.options.changes.progress(name);
  }

  /** Resolves when nothing is under way and nothing waits that this instance could take. */
  async idle(): Promise<void> {
    do {
      await this.#lookout.idle();
      await Promise.all(this.#open);
      await this.#lookout.idle();
    } while (this.#open.size > 0);
  }

  /** Takes nothing any more; what is under way goes on until its runner closes. */
  async close(): Promise<void> {
    this.#stopListening();
    await this.#lookout.close();
  }

  get #room(): number {
    return this.options.jobs.free - this.#starting;
  }

  async #look(): Promise<void> {
    const { store } = this.options;
    for (const { id, reason } of await store.cancelled()) {
      const taken = this.#taken.get(id);
      if (!taken) await this.#take(id, { waiting: true });
      else if (taken.cancelReason === undefined) {
        taken.cancelReason = reason;
        void taken.handle?.cancel(reason);
      }
    }
    const room = this.#room;
    if (room <= 0) return;
    for (const id of await store.free({ limit: room, except: [...this.#taken.keys(), ...this.#faulty] })) if (this.#room > 0) await this.#take(id);
  }

  async #take(id: string, { waiting = false } = {}): Promise<void> {
    if (this.#taken.has(id) || this.#faulty.has(id)) return;
    const { store, jobs, order, onFault } = this.options;
    const taken: Taken = { handle: undefined, cancelReason: undefined };
    this.#taken.set(id, taken);
    const held = await store.hold(id, { waiting }).catch((error: unknown) => {
      this.#taken.delete(id);
      throw error;
    });
    if (!held) return void this.#taken.delete(id);
    jobs.expect(id);
    taken.cancelReason = held.cancelReason;
    const { name, argument } = order(held.resource);
    const trace = held.traceparent === '' ? undefined : held.traceparent;
    const work = withTraceparent(trace, `job ${name.split('/')[0]}`, () => this.#run(held, { name, argument, taken })).catch((error: unknown) => onFault(name, error));
    this.#open.add(work);
    void work.finally(() => {
      this.#taken.delete(id);
      this.#open.delete(work);
      // Its lane is free, and so may be a place.
      this.#lookout.kick();
    });
  }

  async #run(held: HeldJob<Resource>, { name, argument, taken }: JobOrder<Argument> & { readonly taken: Taken }): Promise<void> {
    const { changes, onError } = this.options;
    const { id } = held.resource;
    try {
      if (await this.#work(held, { name, argument, taken })) await held.done();
      else await this.#end(held);
    } catch (error) {
      if (isShutdown(error)) return await this.#end(held);
      try {
        if (held.lost.aborted || isLost(error)) throw error;
        await this.#keep(name, { held, save: () => onError(name, error) });
        await this.#clear(id, taken);
        await held.done();
      } catch (fault) {
        if (held.lost.aborted || isLost(fault)) await this.#clear(id, taken);
        else this.#faulty.add(id);
        await held.leave();
        throw fault;
      }
    } finally {
      changes.forget(name);
      changes.notify(name);
    }
  }

  /** The runner is closed: what it had is for whoever starts next. */
  async #end(held: HeldJob<Resource>): Promise<void> {
    await this.close();
    // Where it cannot be given back any more it runs out.
    await held.leave().catch(() => undefined);
  }

  /** Nothing of the job is wanted here any more. */
  async #clear(id: string, { handle }: Taken): Promise<void> {
    await handle?.cancel('nobody waits for it');
    await this.options.jobs.forget(id);
  }

  /** Whether the end was kept; false where the service ends before the job. */
  async #work(held: HeldJob<Resource>, { name, argument, taken }: JobOrder<Argument> & { readonly taken: Taken }): Promise<boolean> {
    const { jobs, changes, onBegin, onResult, onError } = this.options;
    const { id } = held.resource;
    const handle = await this.#handle(held, { name, argument, taken });
    taken.handle = handle;
    const lose = (): void => void handle.cancel('another instance works at it');
    held.lost.addEventListener('abort', lose);
    if (taken.cancelReason !== undefined) void handle.cancel(taken.cancelReason);
    await this.#keep(name, { held, save: () => onBegin(name) });
    changes.notify(name);
    const follow = Promise.all([this.#follow(name, handle), this.#hear(name, { held, handle })]);
    const outcome = await handle.result.then((value) => ({ value: value as Result }), (error: unknown) => ({ error }));
    await follow;
    held.lost.removeEventListener('abort', lose);
    held.lost.throwIfAborted();
    if (!('error' in outcome)) await this.#keep(name, { held, save: () => onResult(name, outcome.value) });
    else if (isShutdown(outcome.error)) return false;
    else await this.#keep(name, { held, save: () => onError(name, outcome.error) });
    await jobs.forget(id);
    return true;
  }

  /** The job of the order: found here, or begun. What need not run is not begun. */
  async #handle({ resource: { id }, takeovers, lost }: HeldJob<Resource>, { argument, taken }: JobOrder<Argument> & { readonly taken: Taken }): Promise<JobHandle> {
    const { jobs, entry, memoryMb, timeoutMs } = this.options;
    this.#starting++;
    try {
      const known = await jobs.get(id);
      if (known) return known;
      if (taken.cancelReason !== undefined) throw jobCancelled(id, taken.cancelReason);
      if (takeovers > MAX_TAKEOVERS) throw jobAbandoned(id, takeovers);
      const traceparent = currentTraceparent();
      return await jobs.start({ id, entry, argument: await patiently(argument, lost), memoryMb, timeoutMs, retries: RETRIES, ...(traceparent === undefined ? {} : { traceparent }) });
    } finally {
      this.#starting--;
    }
  }

  /** Keeps what came of a job. A full disk, or a database that is away, is no reason to lose it: it is tried again until that is over, the store closes, or another instance has the job. */
  async #keep(name: string, { held, save }: { readonly held: HeldJob<Resource>; readonly save: () => Promise<void> }): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        return await save();
      } catch (error) {
        if (!mayPass(error) || held.lost.aborted) throw error;
        this.options.onFault(name, error);
        await sleep(pause, undefined, { ref: false });
      }
    }
  }

  /** What a job said is with others before its end is. That it cannot be handed on is no reason to fail it. */
  async #hear(name: string, { held, handle }: { readonly held: HeldJob<Resource>; readonly handle: JobHandle }): Promise<void> {
    const { onLog, onFault } = this.options;
    try {
      for await (const part of handle.log()) await this.#keep(name, { held, save: () => onLog(held.resource, part) });
    } catch (error) {
      if (!held.lost.aborted) onFault(name, error);
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

const isLost = (error: unknown): boolean => isError(error, STORE_DOMAIN, 'LEASE_LOST');

const mayPass = (error: unknown): boolean => error instanceof AppError && (error.code === 'RESOURCE_EXHAUSTED' || error.retryable) && !isError(error, STORE_DOMAIN, 'STORE_CLOSED');
