import { setTimeout as sleep } from 'node:timers/promises';
import type { JobLog } from '@millrace/contracts/millrace/type/v1/job';
import type { PageRequest } from '@millrace/core';
import { type Changes, isFinal, type JobStore } from '@millrace/service';
import { errors } from './errors.js';
import { type PipelineRun, pipelineRunName } from './pipeline-run.js';
import type { StepLine } from './step-log.js';
import type { StepLogStore } from './step-log.store.js';

/** Lines that one look reads. */
const WATCHED_AT_ONCE = 500;
/** What a job said last may be on its way when its run has ended. */
const LINGER_MS = 1_500;
/** Steps ask with `{run}-{step}`, and a run is a UUID. */
const REQUEST = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(.+)$/;

/** Keeps and tells what the steps of runs say. */
export class StepLogService {
  constructor(
    private readonly store: StepLogStore,
    private readonly runs: Pick<JobStore<PipelineRun>, 'find'>,
    private readonly changes: Changes,
    private readonly clock: () => Date,
  ) {}

  /** Takes in what a job has said, where a step of a run asked for it. */
  async hear(eventId: string, { requestId, log, lines }: JobLog): Promise<void> {
    const [, run = '', step = ''] = REQUEST.exec(requestId) ?? [];
    const found = run === '' ? undefined : await this.runs.find(run);
    if (!found?.steps.some(({ id }) => id === step)) return;
    const now = this.clock();
    const said = { step, log, lines: lines.map(({ position, time, text }) => ({ position: Number(position), time: time ?? now, text })) };
    if (await this.store.addOnce(eventId, { run, said, now })) this.changes.notify(logOf(run));
  }

  /** Says something about a step that its job does not know. */
  async say(run: string, step: string, text: string): Promise<void> {
    const now = this.clock();
    await this.store.add(run, { step, log: '', lines: [{ position: 0, time: now, text }] }, now);
    this.changes.notify(logOf(run));
  }

  async list(run: string, step: string, page: PageRequest): Promise<readonly StepLine[]> {
    await this.#check(run, step);
    return this.store.list(run, step, page);
  }

  /** What was said after a position and what is said from now on, until a moment after the end of the run. */
  async *watch(run: string, { step, after, signal }: { readonly step: string; readonly after: number; readonly signal: AbortSignal }): AsyncGenerator<StepLine> {
    await this.#check(run, step);
    let last = after;
    for await (const _ of this.changes.watch(logOf(run), () => this.#isOver(run, signal), { final: (over) => over, signal })) {
      for (let more = true; more; ) {
        const lines = await this.store.after(run, { step, after: last, size: WATCHED_AT_ONCE });
        yield* lines;
        last = lines.at(-1)?.position ?? last;
        more = lines.length === WATCHED_AT_ONCE;
      }
    }
  }

  /** Wakes those who wait for more of a run that has ended. */
  ended(run: string): void {
    this.changes.notify(logOf(run));
  }

  forgetBefore(time: Date): Promise<number> {
    return this.store.forgetBefore(time);
  }

  async #isOver(run: string, signal: AbortSignal): Promise<boolean> {
    const { status } = await this.#find(run);
    const endMs = status.endTime?.getTime();
    if (endMs === undefined || !isFinal(status)) return false;
    const left = endMs + LINGER_MS - this.clock().getTime();
    if (left > 0) await sleep(Math.min(left, LINGER_MS), undefined, { signal }).catch(() => undefined);
    return true;
  }

  async #check(run: string, step: string): Promise<void> {
    const { steps } = await this.#find(run);
    if (step !== '' && !steps.some(({ id }) => id === step)) throw errors.STEP_NOT_FOUND({ step, run: pipelineRunName.format({ run }), steps: steps.map(({ id }) => id).join(', ') });
  }

  async #find(run: string): Promise<PipelineRun> {
    const found = await this.runs.find(run);
    if (!found) throw errors.PIPELINE_RUN_NOT_FOUND({ name: pipelineRunName.format({ run }) });
    return found;
  }
}

const logOf = (run: string): string => `${pipelineRunName.format({ run })}/log`;
