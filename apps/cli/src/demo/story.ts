import { setTimeout as sleep } from 'node:timers/promises';
import type { IngestionRun } from '@millrace/contracts/millrace/ingestion/v1/ingestion_run';
import type { Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { Outcome_Decision, type PipelineRun } from '@millrace/contracts/millrace/pipelines/v1/pipeline_run';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { plural } from '../text/figures.js';
import type { DemoServices } from './services.js';
import type { Stages, Tell } from './stages.js';
import type { Traffic } from './traffic.js';

const POLL_MS = 100;
const SETTLE_MS = 60_000;
const DATASET = 'datasets/flights';

/** What a person and a scheduler would do between the requests of front ends. */
export class Story {
  readonly endpoint = 'late-flights';
  readonly monitor = 'monitors/late-flights';
  readonly pipeline = 'pipelines/late-flights';
  readonly runs: PipelineRun[] = [];
  readonly ingestions: IngestionRun[] = [];
  readonly reports: Report[] = [];

  constructor(
    private readonly services: DemoServices,
    private readonly stages: Stages,
  ) {}

  async apply(source: string, basePath: string): Promise<void> {
    const { pipelineVersion, changes } = await this.services.pipelines.applyPipeline({ source, basePath });
    this.stages.say(`${pipelineVersion?.name}: ${changes.join('; ')}`);
    const again = await this.services.pipelines.applyPipeline({ source, basePath });
    if (again.changed) throw new Error('Applying the unchanged file again has changed something.');
  }

  /** Everything from the source to the endpoint, as one run. */
  async firstRun(until: Date, tell: Tell): Promise<void> {
    const { name } = await this.services.pipelines.createPipelineRun({ pipeline: this.pipeline, eventTime: until, requestId: 'demo-first-run' });
    const ended = await this.#follow(name, tell);
    if (ended.outcome?.decision !== Outcome_Decision.PROMOTED) throw new Error(`The first model did not pass: ${ended.outcome?.why ?? ended.status?.error?.message ?? 'no reason'}`);
    await this.#keepIngestion();
  }

  /** A month of flights arrives as a new version; whatever that starts is awaited, and told as it happened. */
  async newData(from: Date, to: Date): Promise<void> {
    const [first] = this.ingestions;
    if (!first) throw new Error('Nothing was ingested before.');
    const { name } = await this.services.ingestion.createIngestionRun({
      requestId: `demo-${to.toISOString().slice(0, 10)}`,
      ingestionRun: { dataset: DATASET, source: { ...first.source, timeFilter: { column: 'date', from, to } }, contract: first.contract, mode: first.mode },
    });
    for await (const state of this.services.ingestion.watchIngestionRun({ name })) if (state.status?.state === JobState.FAILED) throw new Error(`${name}: ${state.status.error?.message}`);
    await this.#keepIngestion();
    this.stages.say(`${from.toISOString().slice(0, 7)} arrived as ${this.ingestions.at(-1)?.datasetVersion}`);
    await this.#settleTriggers();
  }

  /** Waits until the monitor has seen every prediction and label, then closes the windows that end by then. */
  async closeWindows(through: Date, traffic: Traffic): Promise<void> {
    await this.#settleMonitor(traffic);
    const { reports } = await this.services.monitor.closeWindows({ name: this.monitor, through });
    this.reports.push(...reports);
    for (const { from, predictions, labels, score, performance, alerts } of reports) {
      const figures = performance.map(({ metric, value }) => `${metric} ${value.toFixed(3)}`).join(', ');
      this.stages.say(`week of ${from?.toISOString().slice(0, 10)}: ${plural(predictions, 'prediction')}, ${plural(labels, 'label')}, score PSI ${(score?.distances['psi'] ?? 0).toFixed(3)}${figures === '' ? '' : `, ${figures}`}${alerts.length > 0 ? `, ${plural(alerts.length, 'alert')}` : ''}`);
    }
    if (reports.some(({ alerts }) => alerts.length > 0)) await this.#settleTriggers();
  }

  async #settleMonitor(traffic: Traffic): Promise<void> {
    if (traffic.served.length === 0) return;
    const deadline = Date.now() + SETTLE_MS;
    const { rest, grpc, labels } = traffic.counts;
    for (;;) {
      const seen = await this.#seen();
      if (seen.predictions >= rest + grpc && seen.labels >= labels) return;
      if (Date.now() > deadline) throw new Error(`The monitor has seen ${seen.predictions} of ${rest + grpc} predictions and ${seen.labels} of ${labels} labels after ${SETTLE_MS / 1_000} s.`);
      await sleep(POLL_MS);
    }
  }

  async #seen(): Promise<{ predictions: number; labels: number }> {
    let predictions = 0;
    let labels = 0;
    for await (const report of this.allReports()) {
      predictions += Number(report.predictions) + Number(report.late);
      labels += Number(report.labels) + Number(report.lateLabels);
    }
    return { predictions, labels };
  }

  /** Every report of the monitor, newest first. */
  async *allReports(): AsyncGenerator<Report> {
    let pageToken = '';
    do {
      const page = await this.services.monitor.listReports({ parent: this.monitor, pageSize: 100, pageToken });
      yield* page.reports;
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
  }

  /** Lets events reach the triggers, tells what the guards said, and follows the runs that were started. */
  async #settleTriggers(): Promise<void> {
    let quiet = 0;
    while (quiet < 5) {
      await sleep(POLL_MS);
      const { pipelineRuns } = await this.services.pipelines.listPipelineRuns({ filter: `pipeline=${this.pipeline}`, pageSize: 10 });
      const open = pipelineRuns.find(({ name, status }) => !this.runs.some((run) => run.name === name) && status?.state !== undefined);
      if (!open) {
        quiet++;
        continue;
      }
      quiet = 0;
      const ended = await this.#follow(open.name, () => undefined);
      this.stages.say(`${ended.name} (${ended.cause?.kind.replace('KIND_', '')}): ${ended.outcome?.decision.replace('DECISION_', '')}: ${ended.outcome?.why ?? ''}`);
    }
  }

  async #follow(name: string, tell: Tell): Promise<PipelineRun> {
    let last: PipelineRun | undefined;
    for await (const run of this.services.pipelines.watchPipelineRun({ name })) {
      last = run;
      const running = run.steps.find(({ startTime, endTime }) => startTime && !endTime);
      if (running) tell(`${running.id}${running.progress ? `: ${running.progress.step}` : ''}`, run.steps.filter(({ endTime }) => endTime).length / run.steps.length);
    }
    if (!last || last.status?.state !== JobState.SUCCEEDED) throw new Error(`${name} ended as ${last?.status?.state}: ${last?.status?.error?.message ?? ''}`);
    this.runs.push(last);
    return last;
  }

  async #keepIngestion(): Promise<void> {
    const { ingestionRuns } = await this.services.ingestion.listIngestionRuns({ filter: `dataset=${DATASET}`, pageSize: 1 });
    const [newest] = ingestionRuns;
    if (newest && !this.ingestions.some(({ name }) => name === newest.name)) this.ingestions.push(newest);
  }
}
