import { type PageRequest, uuidv7 } from '@millrace/core';
import type { ObjectStore } from '@millrace/objects';
import type { Changes } from '@millrace/service';
import { errors } from './errors.js';
import { checkEntries, type Experiment, finishRun, logRun, type MetricPoint, type Run, type RunLog, type RunState } from './experiment.js';
import type { ExperimentStore } from './experiment.store.js';
import { keepObjects } from './kept-objects.js';
import type { CurveQuestion, MetricCurve } from './metric-curve.js';
import type { MetricCurveStore } from './metric-curve.store.js';
import { experimentName, runName } from './names.js';
import type { RunColumn } from './run-column.js';
import type { FoundRuns, RunQuestion, RunSearchStore } from './run-search.store.js';

/** How many points are read for a watcher at once. */
const WATCHED_AT_ONCE = 1_000;

/** What a caller says of a new run. */
export interface RunDraft extends Pick<Run, 'displayName' | 'params' | 'tags' | 'origin'> {
  /** When it began, if that was before now. */
  readonly startTime: Date | undefined;
}

/** Loads, asks and saves experiments and runs. */
export class ExperimentService {
  constructor(
    private readonly store: ExperimentStore,
    private readonly search: RunSearchStore,
    private readonly curves: MetricCurveStore,
    private readonly objects: ObjectStore,
    private readonly changes: Changes,
    private readonly clock: () => Date,
  ) {}

  create(experiment: string, description: string): Promise<Experiment> {
    return this.store.ensure({ experiment, description, createTime: this.clock() });
  }

  async get(experiment: string): Promise<Experiment> {
    const found = await this.store.find(experiment);
    if (!found) throw errors.EXPERIMENT_NOT_FOUND({ name: experimentName.format({ experiment }) });
    return found;
  }

  list(page: PageRequest): Promise<readonly Experiment[]> {
    return this.store.list(page);
  }

  async createRun(experiment: string, draft: RunDraft, requestId: string): Promise<Run> {
    await this.get(experiment);
    const now = this.clock().getTime();
    const run: Run = { ...draft, experiment, run: uuidv7(), state: 'RUNNING', metrics: {}, artifacts: [], startTime: Math.min(draft.startTime?.getTime() ?? now, now), endTime: undefined, revision: 1 };
    checkEntries(run);
    return this.store.createRun(run, requestId);
  }

  async getRun(experiment: string, run: string): Promise<Run> {
    const found = await this.store.findRun(experiment, run);
    if (!found) throw errors.RUN_NOT_FOUND({ name: runName.format({ experiment, run }) });
    return found;
  }

  async listRuns(experiment: string, question: RunQuestion): Promise<FoundRuns> {
    await this.get(experiment);
    return this.search.find(experiment, question);
  }

  async listColumns(experiment: string, page: PageRequest): Promise<readonly RunColumn[]> {
    await this.get(experiment);
    return this.search.columns(experiment, page);
  }

  async log(experiment: string, run: string, { log, requestId }: { readonly log: RunLog; readonly requestId: string }): Promise<Run> {
    const found = await this.getRun(experiment, run);
    if (log.artifacts.length > 0) {
      // What the run refuses is not kept for it.
      logRun(found, log);
      await keepObjects(this.objects, runName.format({ experiment, run }), log.artifacts.map(({ digest }) => digest));
    }
    const logged = await this.store.change(experiment, run, { requestId, rule: (kept) => logRun(kept, log), points: log.metrics });
    this.changes.notify(runName.format({ experiment, run }));
    return logged;
  }

  async finish(experiment: string, run: string, state: RunState): Promise<Run> {
    const finished = await this.store.change(experiment, run, { requestId: '', rule: (kept) => finishRun(kept, state, this.clock().getTime()), points: [] });
    this.changes.notify(runName.format({ experiment, run }));
    return finished;
  }

  async listPoints(experiment: string, run: string, { key, page }: { readonly key: string; readonly page: PageRequest }): Promise<readonly (MetricPoint & { readonly seq: number })[]> {
    await this.getRun(experiment, run);
    return this.store.listPoints(run, key, page);
  }

  async curve(experiment: string, run: string, question: CurveQuestion): Promise<MetricCurve> {
    await this.getRun(experiment, run);
    return this.curves.find(run, question);
  }

  /** Points in the order in which they came, each with its place in it, until the run is final or the signal aborts. */
  async *watchPoints(experiment: string, run: string, { key, after, signal }: { readonly key: string; readonly after: number; readonly signal: AbortSignal }): AsyncGenerator<MetricPoint & { readonly seq: number }> {
    let last = after;
    // What was logged before the end is there when the end is read.
    for await (const _ of this.changes.watch(runName.format({ experiment, run }), () => this.getRun(experiment, run), { final: ({ state }) => state !== 'RUNNING', signal })) {
      for (let more = true; more; ) {
        const points = await this.store.pointsAfter(run, { key, after: last, size: WATCHED_AT_ONCE });
        yield* points;
        last = points.at(-1)?.seq ?? last;
        more = points.length === WATCHED_AT_ONCE;
      }
    }
  }
}
