import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import type { Firing } from '@millrace/contracts/millrace/pipelines/v1/trigger';
import { PipelinesServiceDefinition } from '@millrace/contracts/millrace/pipelines/v1/pipelines_service';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import type { Client } from '@millrace/rpc';
import { eventually, type Home, standInService, startHome } from '@millrace/testing';
import { pipelinesService } from './index.js';
import { World } from './world.fixture.js';

/** A whole file with one view, an endpoint and a monitor. */
export const FILE = `millrace: 1
pipeline: late
sources:
  flights:
    path: flights.csv
    contract:
      event_time: date
      columns:
        date: { type: TIMESTAMP, required: true }
        delay: { type: INT64 }
        distance: { type: INT64, required: true }
        origin: { type: STRING }
entities:
  airport: { join_keys: { airport: STRING } }
feature_views:
  departures:
    entity: airport
    source: flights
    keys: { airport: origin }
    event_time: date
    knowledge_time: { delay: 2h, terms: { delay: 1m } }
    derive: { late: { column: delay, greater_than: 15 } }
    features: { late_share: { mean: late, window: 24h }, flights: { count: true, window: 3h } }
feature_services:
  late: [{ view: departures, prefix: origin_, keys: { airport: origin } }]
training:
  spine: flights
  features: late
  labels: { late: { column: delay, greater_than: 15 } }
  target: late
  split: { evaluate: 7d, train: 21d }
plan: { features: [distance, origin_late_share] }
ladder: [{ name: dummy, estimator: dummy }, { name: trees, estimator: trees, params: { trees: 3 } }]
gate: { metrics: { auc: { at_least: 0.6 } } }
register: { model: late }
endpoint: { name: late }
monitor: { name: late, window: 7d, drift: {}, performance: { metric: auc, at_least: 0.6 } }
triggers:
  new-data: { on: new_data }
  drift: { on: drift }
  performance: { on: performance }
  nightly: { schedule: '0 3 * * *' }
guards: { cooldown: 7d, min_new_labels: 100, max_concurrent: 1 }
`;

/** The pipelines service at work in a world of stand-ins; it can be ended at any moment and started again. */
export class PipelinesHome {
  readonly world = new World();
  /** The pipeline of the story at hand. */
  pipeline = 'late';
  #home: Home | undefined;
  #stories = 0;

  private constructor(readonly directory: string) {}

  static async start(): Promise<PipelinesHome> {
    const at = new PipelinesHome(await mkdtemp(join(tmpdir(), 'millrace-')));
    await at.#open();
    return at;
  }

  get home(): Home {
    if (!this.#home) throw new Error('The home is not open.');
    return this.#home;
  }

  /** A story of its own: the world as new, with one version of data, and a pipeline that nobody knows. */
  async story(source = FILE): Promise<void> {
    this.world.reset();
    this.world.data.push({ rows: 1_000, day: 90 });
    this.pipeline = `late-${++this.#stories}`;
    await this.apply(source);
  }

  get pipelines(): Client<typeof PipelinesServiceDefinition> {
    return this.home.client(PipelinesServiceDefinition);
  }

  async restart(): Promise<void> {
    await this.home.close();
    await this.#open();
  }

  async close(): Promise<void> {
    await this.home.close();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** The file with the name of this story's pipeline. */
  named(source: string): string {
    return source.replace('pipeline: late', `pipeline: ${this.pipeline}`).replaceAll('name: late', `name: ${this.pipeline}`);
  }

  async apply(source = FILE): Promise<void> {
    await this.pipelines.applyPipeline({ source: this.named(source), basePath: '/data' });
  }

  start(request: { readonly pipeline?: string; readonly requestId?: string; readonly eventTime?: Date; readonly fresh?: boolean } = {}): Promise<PipelineRun> {
    return this.pipelines.createPipelineRun({ pipeline: `pipelines/${this.pipeline}`, ...request });
  }

  /** The run when it is final. */
  async ended({ name }: Pick<PipelineRun, 'name'>): Promise<PipelineRun> {
    let last: PipelineRun | undefined;
    for await (const run of this.pipelines.watchPipelineRun({ name })) last = run;
    if (!last) throw new Error(`${name} was never seen.`);
    return last;
  }

  /** Waits until a step of a run is in a state. */
  async step({ name }: Pick<PipelineRun, 'name'>, id: string, state: string): Promise<void> {
    await eventually(`${id} to be ${state}`, async () => (await this.pipelines.getPipelineRun({ name })).steps.some((step) => step.id === id && step.state === `STATE_${state}`));
  }

  async runs(): Promise<readonly PipelineRun[]> {
    return (await this.pipelines.listPipelineRuns({ filter: `pipeline=pipelines/${this.pipeline}` })).pipelineRuns.toReversed();
  }

  /** Firings as `trigger decision`, oldest first. */
  async firings(): Promise<readonly string[]> {
    return (await this.#firings()).toReversed().map(({ trigger, decision }) => `${trigger.split('.')[1]} ${decision.replace('DECISION_', '')}`);
  }

  /** Waits until the guards have been asked about the newest firing of a trigger, and have decided so. */
  async decided(trigger: string, decision: string): Promise<Firing> {
    return eventually(`${trigger} to be ${decision}`, async () => {
      const [newest] = (await this.#firings()).filter((firing) => firing.trigger === `triggers/${this.pipeline}.${trigger}`);
      return newest && newest.decision === `DECISION_${decision}` && newest.why !== 'the guards are being asked' && newest;
    });
  }

  /** Waits until nothing runs. */
  async quiet(): Promise<void> {
    await eventually('every run to end', async () => (await this.runs()).every(({ status }) => status?.state !== JobState.PENDING && status?.state !== JobState.RUNNING));
  }

  async #firings(): Promise<readonly Firing[]> {
    return (await this.pipelines.listFirings({ filter: `pipeline=pipelines/${this.pipeline}` })).firings;
  }

  async #open(): Promise<void> {
    this.#home = await startHome([standInService(this.world.standIns()), pipelinesService], { directory: this.directory, env: { MILLRACE_SHUTDOWN_SECONDS: '0' } });
  }
}
