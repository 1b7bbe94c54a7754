import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { PredictionRecord } from '@millrace/contracts/millrace/inference/v1/prediction';
import type { Alert, Report } from '@millrace/contracts/millrace/monitor/v1/monitor';
import { MonitorServiceDefinition } from '@millrace/contracts/millrace/monitor/v1/monitor_service';
import { ModelVersion } from '@millrace/contracts/millrace/registry/v1/model';
import { RegistryServiceDefinition } from '@millrace/contracts/millrace/registry/v1/registry_service';
import { catalogue, decodeEvent, toRecord } from '@millrace/events';
import { categoryReference, makeReference, numericReference } from '@millrace/ml';
import { type ObjectsPlace, openObjects } from '@millrace/objects';
import type { Client } from '@millrace/rpc';
import { eventually, type Home, standIn, standInService, startHome } from '@millrace/testing';
import { monitorService } from './index.js';

const DAY_MS = 86_400_000;
/** The first day of the stories. */
export const MONDAY = Date.UTC(2001, 3, 2);
export const VERSION = 'models/late/versions/1';
const AIRPORTS = ['ORD', 'ATL', 'SEA'];

/** What a front end tells of one flight; what is not told is missing. */
export interface Flight {
  readonly distance?: number;
  readonly origin?: string | undefined;
  readonly score?: number;
}

const placeOf = ({ MILLRACE_S3_BUCKET: bucket, MILLRACE_S3_ENDPOINT: endpoint = '' }: Readonly<Record<string, string>>, directory: string): ObjectsPlace =>
  bucket === undefined ? { directory: join(directory, 'objects') } : { bucket: { bucket, endpoint, region: 'us-east-1', prefix: '' }, cacheDirectory: join(directory, 'cache') };

let turn = 0;
/** What the reference looks like, flight by flight. */
export function usual(): Required<Flight> {
  turn = (turn + 37) % 1_000;
  return { distance: turn, origin: AIRPORTS[turn % 3], score: turn / 1_000 };
}

/** What a story asks of its monitor beside its names. */
export type MonitorRules = NonNullable<Parameters<Client<typeof MonitorServiceDefinition>['applyMonitor']>[0]['monitor']>;

/** The monitor at work, beside a registry whose every version has one reference. */
export class MonitorHome {
  readonly monitors: Client<typeof MonitorServiceDefinition>;
  #stories = 0;

  constructor(readonly home: Home) {
    this.monitors = home.client(MonitorServiceDefinition);
  }

  /** `env` names servers, for a second instance beside the first. */
  static async start({ directory, env = {} }: { readonly directory?: string; readonly env?: Readonly<Record<string, string>> } = {}): Promise<MonitorHome> {
    let digest = '';
    const registry = standIn(RegistryServiceDefinition, { getModelVersion: async ({ name }) => ModelVersion.fromPartial({ name, reference: { digest } }) });
    const home = await startHome([standInService([registry]), monitorService], { env, ...(directory === undefined ? {} : { directory }) });
    const distances = numericReference('distance', Float64Array.from({ length: 1_000 }, (_, i) => i));
    const origins = categoryReference('origin', Array.from({ length: 1_000 }, (_, i) => (i % 50 === 0 ? undefined : AIRPORTS[i % 3])));
    const reference = makeReference([distances, origins], numericReference('score', Float64Array.from({ length: 1_000 }, (_, i) => i / 1_000)));
    digest = (await (await openObjects(placeOf(env, home.directory))).put(Buffer.from(JSON.stringify(reference)))).digest;
    return new MonitorHome(home);
  }

  close(): Promise<void> {
    return this.home.close();
  }

  /** An endpoint with a monitor of its own: weeks, and two days of lateness. */
  async story(rules: MonitorRules = {}): Promise<MonitorStory> {
    const id = `s${++this.#stories}`;
    const names = { name: `monitors/${id}`, endpoint: `endpoints/${id}` };
    await this.monitors.applyMonitor({ monitor: { ...names, window: { seconds: 7n * 86_400n }, lateness: { seconds: 2n * 86_400n }, ...rules } });
    return new MonitorStory(this, names);
  }
}

/** What a front end and an operator do with one endpoint. Days count from the first Monday. */
export class MonitorStory {
  readonly name: string;
  readonly endpoint: string;

  constructor(
    private readonly at: MonitorHome,
    { name, endpoint }: { readonly name: string; readonly endpoint: string },
  ) {
    this.name = name;
    this.endpoint = endpoint;
  }

  record({ distance, origin, score = 0.5 }: Flight, day: number): PredictionRecord {
    const inputs = [{ kind: distance === undefined ? undefined : ({ $case: 'float64Value', value: distance } as const) }, { kind: origin === undefined ? undefined : ({ $case: 'stringValue', value: origin } as const) }];
    return { id: randomUUID(), endpoint: this.endpoint, modelVersion: VERSION, eventTime: new Date(MONDAY + day * DAY_MS), predictTime: new Date(), inputs, score, flags: [], traceId: '', asked: undefined };
  }

  async publish(records: readonly PredictionRecord[], id: string = randomUUID()): Promise<readonly PredictionRecord[]> {
    await this.at.home.bus.publish([toRecord(catalogue.inference.predictionsLogged, '/spec', { endpoint: this.endpoint, inputs: ['distance', 'origin'], records: [...records] }, { id })]);
    return records;
  }

  predict(day: number, count = 1, flight: () => Flight = usual): Promise<readonly PredictionRecord[]> {
    return this.publish(Array.from({ length: count }, () => this.record(flight(), day)));
  }

  async label(records: readonly PredictionRecord[], value: number, { id = randomUUID(), knownTime }: { readonly id?: string; readonly knownTime?: Date } = {}): Promise<void> {
    const labels = records.map((record) => ({ predictionId: record.id, value, knownTime }));
    await this.at.home.bus.publish([toRecord(catalogue.inference.labelsReceived, '/spec', { endpoint: this.endpoint, labels }, { id })]);
  }

  /** Oldest window first. */
  async reports(): Promise<readonly Report[]> {
    return (await this.at.monitors.listReports({ parent: this.name })).reports.toReversed();
  }

  /** Closes the first so many weeks. */
  async close(weeks: number): Promise<readonly Report[]> {
    return (await this.at.monitors.closeWindows({ name: this.name, through: new Date(MONDAY + 7 * weeks * DAY_MS) })).reports;
  }

  /** Oldest first. */
  async alerts(filter = ''): Promise<readonly Alert[]> {
    return (await this.at.monitors.listAlerts({ filter: `monitor=${this.name}${filter}` })).alerts.toReversed();
  }

  /** Waits until so many predictions and labels have been counted, in time or too late. */
  async seen(predictions: number, labels = 0): Promise<void> {
    await eventually(`${predictions} predictions and ${labels} labels`, async () => {
      const reports = await this.reports();
      const sum = (of: (report: Report) => bigint): number => Number(reports.reduce((total, report) => total + of(report), 0n));
      return sum((report) => report.predictions + report.late) === predictions && sum((report) => report.labels + report.lateLabels) === labels;
    });
  }

  /** What the monitor has published about this endpoint, by name. */
  async events(count: number): Promise<readonly string[]> {
    return eventually(`${count} events`, async () => {
      const told: string[] = [];
      const { driftDetected, performanceDropped, alertRaised } = catalogue.monitor;
      for await (const record of this.at.home.bus.replay(alertRaised.topic, { from: 0n })) {
        for (const type of [driftDetected, performanceDropped]) if (record.headers['ce_type'] === type.type && decodeEvent(type, record).endpoint === this.endpoint) told.push(type === driftDetected ? 'DriftDetected' : 'PerformanceDropped');
        if (record.headers['ce_type'] === alertRaised.type && decodeEvent(alertRaised, record).alert?.endpoint === this.endpoint) told.push('AlertRaised');
      }
      return told.length >= count && told.toSorted();
    });
  }

  /** The windows whose drift was told, in the order of telling, once that of the window with this name is among them. */
  async toldDrift(last: string): Promise<readonly string[]> {
    return eventually(`the drift of ${last}`, async () => {
      const told: string[] = [];
      const { driftDetected } = catalogue.monitor;
      for await (const record of this.at.home.bus.replay(driftDetected.topic, { from: 0n })) {
        const event = record.headers['ce_type'] === driftDetected.type ? decodeEvent(driftDetected, record) : undefined;
        if (event?.endpoint === this.endpoint) told.push(event.report?.name ?? '');
      }
      return told.includes(last) && told;
    });
  }
}
