import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Firing_Decision } from '@millrace/contracts/millrace/pipelines/v1/trigger';
import { JobState } from '@millrace/contracts/millrace/type/v1/job';
import { HOUR_MS, LIVE_FROM, LIVE_TO } from './flights-slice.mjs';
import { DATASET, NAME, pipelineFile } from './pipeline-file.mjs';
import { Traffic } from './traffic.mjs';

const POLL_MS = 150;
/** How long a run is watched by one call; then it is called again. */
const WATCH_MS = 30_000;
const QUIET_POLLS = 4;
/** Hours after the last departure, in which flights land and labels come. */
const TAIL_HOURS = 8;
const NEW_DATA_HOURS = 24;
const WINDOW_HOURS = 12;
const LATENESS_HOURS = 6;
const FINAL = new Set([JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED]);
const PIPELINE = `pipelines/${NAME}`;

/** What people, schedulers and front ends do from the first file to the last window; it knows nothing of kills, its link repeats what was not answered. */
export class Story {
  #link;
  #acks;
  #phases;
  #slice;
  #ended = false;
  #arrived = Promise.resolve();
  #watched = new Map();

  constructor({ link, acks, phases, slice }) {
    this.#link = link;
    this.#acks = acks;
    this.#phases = phases;
    this.#slice = slice;
  }

  async run() {
    const watching = this.#watchRuns();
    try {
      await Promise.race([watching, this.#tell()]);
    } finally {
      this.#ended = true;
    }
    await watching;
  }

  async #tell() {
    await this.#phases.during('apply', () => this.#apply());
    await this.#firstRun();
    const source = await this.#firstIngestion();
    const news = [];
    const broken = Promise.withResolvers();
    const begin = (part) => {
      news.push(this.#newData(source, part));
      news.at(-1).catch(broken.reject);
    };
    // New data that fail end the story at once, not when the replay is over.
    await Promise.race([broken.promise, this.#phases.during('replay', () => this.#replay(begin)).then(() => Promise.all(news))]);
    await this.#phases.during('close', () => this.#closeWindows(LIVE_TO + 48 * HOUR_MS));
    await this.#untilQuiet();
  }

  async #apply() {
    const { file } = this.#slice;
    const { pipelineVersion } = await this.#link.call('ApplyPipeline', ({ pipelines }) => pipelines.applyPipeline({ source: pipelineFile(file), basePath: dirname(file) }));
    this.#acks.name('pipelineVersion', pipelineVersion.name);
  }

  async #firstRun() {
    const { name } = await this.#link.call('CreatePipelineRun', ({ pipelines }) => pipelines.createPipelineRun({ pipeline: PIPELINE, eventTime: new Date(LIVE_FROM), requestId: 'first-run' }));
    this.#acks.name('pipelineRun', name);
    const ended = await this.#ofRun(name);
    if (ended.status.state !== JobState.SUCCEEDED) throw new Error(`${name}: ${ended.status.error?.message}`);
  }

  async #firstIngestion() {
    const { ingestionRuns } = await this.#link.call('ListIngestionRuns', ({ ingestion }) => ingestion.listIngestionRuns({ pageSize: 1 }));
    return ingestionRuns[0];
  }

  /** Plays the live days hour by hour, and begins what belongs to an hour beside it. */
  async #replay(onNewData) {
    const traffic = new Traffic(this.#link, this.#acks);
    const landings = Map.groupBy(this.#slice.flights.filter(({ landing }) => landing >= LIVE_FROM), ({ landing }) => Math.floor(landing / HOUR_MS));
    const departures = Map.groupBy(this.#slice.flights.filter(({ departure }) => departure >= LIVE_FROM), ({ departure }) => Math.floor(departure / HOUR_MS));
    for (let now = LIVE_FROM; now < LIVE_TO + TAIL_HOURS * HOUR_MS; now += HOUR_MS) {
      const hour = now / HOUR_MS;
      const lived = hour - LIVE_FROM / HOUR_MS;
      if (lived > 0 && lived % NEW_DATA_HOURS === 0 && now < LIVE_TO) onNewData(lived / NEW_DATA_HOURS);
      if (lived % WINDOW_HOURS === LATENESS_HOURS && lived > WINDOW_HOURS) await this.#phases.during('close', () => this.#closeWindows(now - LATENESS_HOURS * HOUR_MS));
      await traffic.hour(now, { landed: landings.get(hour - 1) ?? [], departing: departures.get(hour) ?? [] });
    }
  }

  /** A day of flights arrives; what that starts is watched like any run. */
  async #newData({ contract, mode, source }, part) {
    const [from, to] = [part - 1, part].map((day) => new Date(LIVE_FROM + day * NEW_DATA_HOURS * HOUR_MS));
    await this.#phases.during('new_data', async () => {
      const ingestionRun = { dataset: `datasets/${DATASET}`, source: { ...source, timeFilter: { column: 'date', from, to } }, contract, mode };
      // Days arrive in their order, however long the first of them has to knock.
      this.#arrived = this.#arrived.then(() => this.#link.call('CreateIngestionRun', ({ ingestion }) => ingestion.createIngestionRun({ ingestionRun, requestId: `new-data-${part}` })));
      const { name } = await this.#arrived;
      this.#acks.name('ingestionRun', name);
      const ended = await this.#poll('GetIngestionRun', ({ ingestion }) => ingestion.getIngestionRun({ name }));
      if (ended.status.state !== JobState.SUCCEEDED) throw new Error(`${name}: ${ended.status.error?.message}`);
      this.#acks.name('datasetVersion', ended.datasetVersion);
    });
  }

  async #closeWindows(through) {
    const { reports } = await this.#link.call('CloseWindows', ({ monitor }) => monitor.closeWindows({ name: `monitors/${NAME}`, through: new Date(through) }));
    for (const { name } of reports) this.#acks.name('report', name);
  }

  /** Until all runs have ended and nothing that was held waits for one. */
  async #untilQuiet() {
    for (let quiet = 0; quiet < QUIET_POLLS; ) {
      await sleep(POLL_MS);
      const { firings } = await this.#link.call('ListFirings', ({ pipelines }) => pipelines.listFirings({ pageSize: 200 }));
      for (const { name, decision, pipelineRun } of firings) if (decision === Firing_Decision.STARTED) this.#acks.name('firing', name, pipelineRun);
      const waits = firings.some(({ decision, why }) => decision === Firing_Decision.HELD && /being asked|under way/.test(why));
      const runs = [...this.#watched.values()].some((run) => !FINAL.has(run?.status?.state));
      quiet = waits || runs ? 0 : quiet + 1;
    }
  }

  /** Finds every run, whoever started it, and watches it to its end. */
  async #watchRuns() {
    const watchers = [];
    while (!this.#ended) {
      const { pipelineRuns } = await this.#link.call('ListPipelineRuns', ({ pipelines }) => pipelines.listPipelineRuns({ pageSize: 50 }));
      for (const { name } of pipelineRuns) {
        if (this.#watched.has(name)) continue;
        this.#watched.set(name, undefined);
        watchers.push(this.#watchRun(name));
      }
      await Promise.race([sleep(POLL_MS), ...watchers.map((watcher) => watcher.then(() => sleep(POLL_MS)))]);
    }
    await Promise.all(watchers);
  }

  /** Tells the phases what each step does; a broken stream is opened again. */
  async #watchRun(name) {
    this.#acks.name('pipelineRun', name);
    const open = new Set();
    const show = (run) => {
      for (const { id, kind, startTime, endTime } of run.steps) {
        const runs = startTime !== undefined && endTime === undefined && !FINAL.has(run.status.state);
        if (runs && !open.has(id)) this.#phases.enter(kind), open.add(id);
        else if (!runs && open.delete(id)) this.#phases.leave(kind);
      }
      this.#watched.set(name, run);
    };
    await this.#link.call('WatchPipelineRun', async ({ pipelines }) => {
      for await (const run of pipelines.watchPipelineRun({ name }, { deadlineMs: WATCH_MS })) show(run);
      if (!FINAL.has(this.#watched.get(name)?.status.state)) throw Object.assign(new Error('the stream ended before the run'), { code: 'UNAVAILABLE' });
    }, { deadlineMs: WATCH_MS });
    const { outcome, status, steps } = this.#watched.get(name);
    for (const { outputs } of steps) for (const [kind, key] of [['datasetVersion', 'dataset_version'], ['modelVersion', 'model_version']]) if (outputs[key]) this.#acks.name(kind, outputs[key]);
    this.#acks.name('endedRun', name, `${status.state.replace('JOB_STATE_', '')} ${outcome?.modelVersion ?? ''}`);
  }

  async #ofRun(name) {
    while (!FINAL.has(this.#watched.get(name)?.status.state)) await sleep(POLL_MS / 3);
    return this.#watched.get(name);
  }

  async #poll(what, ask) {
    for (;;) {
      const found = await this.#link.call(what, ask);
      if (FINAL.has(found.status?.state)) return found;
      await sleep(POLL_MS);
    }
  }
}
